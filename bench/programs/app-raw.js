/** The real program in a respawn loop on bare node:cluster, which imports it as most programs do. */
import { serve } from "../app/app.js"
import { supervise } from "./raw-loop.js"

supervise(serve)
