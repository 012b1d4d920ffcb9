import { checkConfig } from '../config/load.js'
import { startServer } from '../serve/start.js'

// A server in a process of its own: the configuration comes as JSON, its address goes out. See `serverProcess`.
const { url } = await startServer(checkConfig(JSON.parse(process.argv[2]!)))
process.stdout.write(`${url}\n`)
