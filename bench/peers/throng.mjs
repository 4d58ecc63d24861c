/** The pool with throng. */
import throng from "throng"
import { serve } from "../programs/serve.js"

const { workers } = JSON.parse(process.argv[2])
await throng({ count: workers, lifetime: Infinity, delay: 0, worker: () => void serve() })
