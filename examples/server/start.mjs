// A server of one's own process, with a configuration: node start.mjs server.yaml
import { loadConfig, startServer } from '@arcface/server'

const server = await startServer(loadConfig({ path: process.argv[2] }))
console.log(server.url)
process.once('SIGTERM', () => server.close()) // what is in work is finished first
