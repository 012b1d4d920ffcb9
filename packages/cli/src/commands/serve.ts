import { type Command, Option } from 'commander'
import { onnxOfRun } from '../model/open.js'
import { onSignals } from '../terminal/interrupt.js'
import { writeErr, writeOut } from '../terminal/printable.js'
import { repeated } from '../terminal/repeated.js'

interface Options {
  config?: string
  set?: string[]
  model?: string
  detector?: string
  galleries?: string
  workspace?: string
  host?: string
  port?: string
  printConfig?: boolean
  json?: boolean
}

/** Options that stand for a key of the configuration. */
const KEYS = {
  ...{ model: 'model', detector: 'detector', galleries: 'galleries' },
  ...{ workspace: 'workspace.folder', host: 'host', port: 'port' },
} as const

export function register(program: Command): void {
  program
    .command('serve')
    .description("Face recognition behind HTTP: our API and CompreFace's")
    .option('--config <file>', 'a configuration in YAML, see docs/server.md')
    .option('--set <key=value>', 'a key of the configuration; may be repeated', repeated)
    .option('--model <model>', 'an installed pack, an ONNX file or a run (default: faceplugin)')
    .option('--detector <model>', "a pack or an ONNX file (default: the model's own)")
    .option('--galleries <place>', 'a folder of galleries, or s3://bucket/people')
    .option(
      '--workspace <dir>',
      'what the studio sees: data, runs, models (default: in the data folder)',
    )
    .option(
      '--host <address>',
      'to listen on; without keys only a loopback one (default: 127.0.0.1)',
    )
    .option('--port <number>', 'to listen on (default: 8000)')
    .addOption(new Option('--print-config', 'print the configuration with every value, and end'))
    .option('--json', 'print the address as one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  $ arcface serve\n  $ arcface serve --config server.yaml --set limits.photos=4',
    )
    .action(run)
}

async function run({ config: path, set = [], printConfig, json, ...options }: Options) {
  const { formatConfig, loadConfig, startServer } = await import('@arcface/server')
  const own = Object.entries(KEYS)
    .flatMap(([name, key]) => {
      const value = options[name as keyof typeof KEYS]
      return value === undefined ? [] : [`${key}=${JSON.stringify(value)}`]
    })
    .map((one) => one.replace(/^port="(\d+)"$/, 'port=$1'))
  const config = loadConfig({ path, overrides: [...own, ...set] })
  if (printConfig) {
    writeOut(formatConfig(config))
    return
  }
  // Tasks are commands of this program.
  const command = [process.execPath, ...process.execArgv, process.argv[1] ?? '']
  const server = await startServer(config, { run: onnxOfRun, command })
  writeOut(json ? `${JSON.stringify({ url: server.url })}\n` : `listening on ${server.url}\n`)
  await new Promise<void>((resolve) => {
    const silence = onSignals((signal) => {
      // To a service it says that its files have changed, at a terminal that this was closed.
      if (signal === 'SIGHUP' && !process.stdin.isTTY) {
        void server.reload()
        return
      }
      // A second signal ends the process at once.
      silence()
      resolve()
    })
  })
  writeErr('stopping: finishing what is in work ...\n')
  await server.close()
}
