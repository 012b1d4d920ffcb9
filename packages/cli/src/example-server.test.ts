import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { checkConfig, type RunningServer, startServer } from '@arcface/server'
import {
  codeBlocks,
  exampleFiles,
  REPOSITORY,
  randomDetector,
  randomEmbedder,
} from '@arcface/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

// The programs of examples/server do what docs/server.md says that they do.

const programs = exampleFiles().filter((name) => name.startsWith('server/'))
const room = mkdtempSync(join(tmpdir(), 'example-server-'))
let server: RunningServer
let models: object
beforeAll(async () => {
  const [model, detector, thresholds] = ['model.onnx', 'detector.onnx', 'thresholds.json'].map(
    (name) => join(room, name),
  ) as [string, string, string]
  writeFileSync(model, randomEmbedder())
  writeFileSync(detector, randomDetector())
  writeFileSync(
    thresholds,
    JSON.stringify({ source: 'these pairs', cosine: { '1e-2': 0.5, '1e-3': 0.9 } }),
  )
  models = { model, detector, thresholds, quality: false }
  server = await startServer(
    checkConfig({ ...models, port: 0, data: join(room, 'data'), log: 'error' }),
  )
})
afterAll(async () => {
  await server.close()
  rmSync(room, { recursive: true })
})

const photo = join(REPOSITORY, 'scripts/packages/use/noise.png')
const has = (command: string, ...args: string[]) => {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
const run = async (command: string, program: string, ...args: string[]) => {
  const path = join(REPOSITORY, 'examples/server', program)
  const { stdout } = await promisify(execFile)(command, [path, server.url, photo, photo, ...args])
  return stdout
}

describe('examples/server', () => {
  it('has no program that is not tried here', () => {
    expect(programs).toEqual(['server/client.mjs', 'server/people.mjs', 'server/start.mjs'])
  })

  it('start.mjs answers until it is told to end', async () => {
    const config = join(room, 'server.yaml')
    writeFileSync(
      config,
      JSON.stringify({ ...models, port: 0, data: join(room, 'other'), log: 'error' }),
    )
    const child = spawn(process.execPath, [join(REPOSITORY, 'examples/server/start.mjs'), config])
    const [url] = (await once(child.stdout, 'data')) as [Buffer]
    expect((await fetch(`${String(url).trim()}/v1/model`)).status).toBe(200)
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  it.each(['people.mjs', 'client.mjs'])('%s names who was enrolled', async (program) => {
    expect(await run(process.execPath, program)).toMatch(/^(?=.*Ada 0\.\d+ 0\.0\d*)/s)
  })

  it('client.mjs verifies, waits for a job, and deletes', async () => {
    const said = await run(process.execPath, 'client.mjs')
    expect(said).toMatch(/^Ada\? true 0\.001$/m)
    expect(said).toMatch(/^twice there: /m)
    const left = await fetch(`${server.url}/v1/galleries/friends/people/Ada`)
    expect([left.status, await left.json()]).toMatchObject([404, { code: 'GALLERY_PERSON' }])
  })

  it.skipIf(!has('curl', '--version'))('people.sh by curl names who was enrolled', async () => {
    expect(await run('sh', 'people.sh')).toMatch(/"matches":\[\{"name":"Ada".*"same":true/s)
  })

  const python = ['python3', '/usr/bin/python3'].find((one) => has(one, '-c', 'import requests'))
  it.skipIf(python === undefined)(
    'people.py by requests of a python3 names who was enrolled',
    async () => {
      expect(await run(python!, 'people.py')).toMatch(/\['Ada'\] 0\.\d+ 0\.0\d*/)
    },
  )

  it('stand in docs/server.md as they are', () => {
    const blocks = codeBlocks(readFileSync(join(REPOSITORY, 'docs/server.md'), 'utf8'))
    for (const [program, language] of [
      ['people.sh', 'sh'],
      ['people.py', 'python'],
    ]) {
      const text = readFileSync(join(REPOSITORY, 'examples/server', program!), 'utf8')
      const shown = blocks.filter((block) => block.language === language)
      expect(shown.some((block) => text.includes(block.text))).toBe(true)
    }
  })
})
