import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadConfig } from '@arcface/server'
import { randomDetector, randomEmbedder } from '@arcface/testing'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'serve-cli-'))
const [model, detector] = [join(room, 'model.onnx'), join(room, 'detector.onnx')]
const serve = ['serve', '--port', '0', '--model', model, '--detector', detector]
const env = { ...process.env, ARCFACE_SERVER_DATA: join(room, 'data') }

beforeAll(() => {
  writeFileSync(model, randomEmbedder())
  writeFileSync(detector, randomDetector())
})
afterAll(() => rmSync(room, { recursive: true }))

it('answers this machine alone while there are no keys, and says so', () => {
  const { status, stderr } = spawnSync(process.execPath, [bin, ...serve, '--host', '0.0.0.0'], {
    env,
    encoding: 'utf8',
  })
  expect(status).toBe(1)
  expect(stderr).toMatch(/^error SERVER_CONFIG: host: .*no keys.*arcface keys create/)
})

it.skipIf(process.platform === 'win32')(
  'reads its files again on SIGHUP, goes on, and ends well on SIGTERM',
  async () => {
    const child = spawn(process.execPath, [bin, ...serve, '--json'], { env, stdio: 'pipe' })
    let log = ''
    child.stderr.on('data', (data) => {
      log += data
    })
    try {
      const [line] = (await once(child.stdout, 'data')) as [Buffer]
      const { url } = JSON.parse(String(line))
      const status = async (headers = {}) => (await fetch(`${url}/v1/model`, { headers })).status
      expect(await status()).toBe(200)
      expect(log).toContain('there are no keys')
      const made = spawnSync(
        process.execPath,
        [bin, 'keys', 'create', 'gate', '--scope', 'identify', '--json'],
        { env, encoding: 'utf8' },
      )
      const { key } = JSON.parse(made.stdout)
      child.kill('SIGHUP')
      await vi.waitUntil(async () => (await status()) === 401, { timeout: 10_000 })
      expect(await status({ 'x-api-key': key })).toBe(200)
      child.kill('SIGTERM')
      expect(await once(child, 'exit')).toEqual([0, null])
    } finally {
      child.kill('SIGKILL')
    }
  },
)

it('prints its configuration, which is one again, and starts nothing', () => {
  const print = (more: NodeJS.ProcessEnv, ...args: string[]) =>
    spawnSync(process.execPath, [bin, 'serve', '--print-config', ...args], {
      env: { ...env, ...more },
      encoding: 'utf8',
    })
  const first = print(
    { ARCFACE_SERVER_LIMITS_PHOTOS: '3', ARCFACE_SERVER_STORAGE: '{aws_secret_access_key: hush}' },
    ...['--port', '9000', '--set', 'cors=[https://a.example]', '--model', 'nobodys'],
  )
  expect(first).toMatchObject({ status: 0, stderr: '' })
  expect(first.stdout).not.toContain('hush')
  const path = join(room, 'printed.yaml')
  writeFileSync(path, first.stdout)
  expect(print({}, '--config', path).stdout).toBe(first.stdout)
  expect(loadConfig({ path, environment: {} })).toMatchObject({
    ...{ port: 9000, model: 'nobodys', cors: ['https://a.example'] },
    ...{ data: env.ARCFACE_SERVER_DATA, limits: { photos: 3 } },
  })
  const wrong = print({}, '--set', 'limits.photo=3')
  expect(wrong).toMatchObject({ status: 1, stdout: '' })
  expect(wrong.stderr).toMatch(/^error SERVER_CONFIG: .*limits\.photo; did you mean photos\?\n$/)
})
