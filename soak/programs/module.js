/** A module that listens by itself, as the one of a program that knows nothing of kamisama does. */
import { serve } from "./servers.js"

const { port, tell } = globalThis.soaked

serve(port, tell)
