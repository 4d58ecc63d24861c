/** The worker of the pools that start a script. */
import { serve } from "../programs/serve.js"

serve()
