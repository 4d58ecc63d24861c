/** The same with kamisama: the script imports the program. */
import kamisama from "kamisama"
import { serve } from "../app/app.js"
import { optionsFrom } from "./options.js"

kamisama({ ...optionsFrom(process.argv), run: serve })
