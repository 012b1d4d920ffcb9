import { checkConfig } from '../config/load.js'
import { startServer } from '../serve/start.js'

// A server in a process of its own: the configuration comes as JSON, then the command of tasks; its address goes out.
// See `serverProcess`.
const [, , config, ...command] = process.argv
const { url } = await startServer(
  checkConfig(JSON.parse(config!)),
  command.length > 0 ? { command } : {},
)
process.stdout.write(`${url}\n`)
