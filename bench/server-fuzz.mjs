// The server's OpenAPI fuzzed by schemathesis: requests that it allows and requests that it does not; no answer may be a
// failure of the server, nor one that is not announced.
//   pip install schemathesis
//   SCHEMATHESIS=schemathesis node bench/server-fuzz.mjs [--examples 100] [--seconds 600]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { testServer } from '../packages/server/dist/testing/server.js'

const { values } = parseArgs({
  options: {
    examples: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '600' },
  },
})
const HOOKS = fileURLToPath(new URL('peers/fuzz_hooks.py', import.meta.url))
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'response_headers_conformance',
]

const folder = mkdtempSync(join(tmpdir(), 'server-fuzz-'))
const server = await testServer({ log: 'error' })
const post = (path, body) =>
  fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
const people = async () => {
  await post('/v1/galleries', { name: 'staff' })
  await post('/v1/galleries/staff/people', { name: 'Ada' })
}
await people()

/** @param settings of schemathesis.toml */
async function fuzz(name, settings) {
  const config = join(folder, `${name}.toml`)
  writeFileSync(config, settings)
  console.log(`\n${name}`)
  const child = spawn(
    process.env.SCHEMATHESIS ?? 'schemathesis',
    [
      ...['--config-file', config, 'run', `${server.url}/docs/json`],
      ...['--checks', CHECKS.join(), '--continue-on-failure', '--no-shrink'],
      ...['--max-examples', values.examples, '--max-time', values.seconds, '--seed', '1'],
      ...['--request-timeout', '60'],
    ],
    { stdio: 'inherit', cwd: folder, env: { ...process.env, SCHEMATHESIS_HOOKS: HOOKS } },
  )
  const [status] = await once(child, 'exit')
  if (status !== 0) process.exitCode = 1
}

try {
  await fuzz('whatever comes', '')
  // Deletions are asked for too: who is gone comes again.
  const again = setInterval(() => people().catch(() => {}), 250)
  await fuzz(
    'of a gallery and a person who are there',
    '[parameters]\n"path.gallery" = "staff"\n"path.person" = "Ada"\n',
  )
  clearInterval(again)
} finally {
  await server.close()
  rmSync(folder, { recursive: true })
}
