/** The same, and the script loads the server, so that a spare has loaded it. */
import kamisama from "kamisama"
import { optionsFrom } from "./options.js"
import { serve } from "./serve.js"

kamisama({ ...optionsFrom(process.argv), run: serve })
