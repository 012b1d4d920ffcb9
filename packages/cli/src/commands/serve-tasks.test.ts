import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect } from '@arcface/server/client'
import { drawnModels } from '@arcface/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'

// Tasks of a real `arcface serve`, which are commands of this program.

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'serve-tasks-'))
const workspace = join(room, 'workspace')
const env = {
  ...process.env,
  ARCFACE_SERVER_DATA: join(room, 'data'),
  ARCFACE_SERVER_LOG: 'warn',
}
let server: ReturnType<typeof spawn>
let client: ReturnType<typeof connect>

const arcface = (args: readonly string[], more: NodeJS.ProcessEnv = {}) =>
  spawnSync(process.execPath, [bin, ...args], {
    ...{ cwd: workspace, encoding: 'utf8' as const },
    env: { ...env, ...more },
  })

beforeAll(async () => {
  mkdirSync(workspace)
  const { model, detector } = drawnModels(room)
  writeFileSync(join(workspace, 'own model.onnx'), readFileSync(model))
  const drawn = ['synthesize', 'faces', '--people', '20', '--images', '4', '--pairs', 'pairs.txt']
  expect(arcface(drawn)).toMatchObject({ status: 0 })
  const serve = ['serve', '--port', '0', '--workspace', workspace, '--json']
  server = spawn(process.execPath, [bin, ...serve, '--model', model, '--detector', detector], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(server.stdout!, 'data')
  client = connect({ url: JSON.parse(String(line)).url })
}, 60_000)
afterAll(async () => {
  const closed = once(server, 'close')
  server.kill('SIGTERM')
  await closed
  rmSync(room, { recursive: true })
})

async function ended(body: { kind: 'verification'; model: string; images: string; pairs: string }) {
  const { data, error } = await client.POST('/v1/tasks', { body })
  expect(error).toBeUndefined()
  const path = { task: data!.id }
  const get = async () => (await client.GET('/v1/tasks/{task}', { params: { path } })).data!
  await expect.poll(async () => (await get()).ended, { timeout: 60_000 }).not.toBeNull()
  return get()
}

it('comes to what the command comes to that it shows, typed into a terminal', async () => {
  const task = await ended({
    ...{ kind: 'verification', model: 'own model.onnx', images: 'faces', pairs: 'pairs.txt' },
  })
  expect(task).toMatchObject({ state: 'done', problem: null, progress: { what: 'images' } })
  expect(task.progress!.done).toBe(task.progress!.total)
  const [first, ...args] = task.command
  expect(first).toBe('arcface')
  const typed = arcface(args.map((one) => (one === `${task.folder}/report` ? 'report' : one)))
  expect(JSON.parse(typed.stdout)).toEqual(task.result)
  const { data } = await client.GET('/v1/workspace/entries', {
    params: { query: { path: `${task.folder}/report` } },
  })
  expect(data!.entries).toContainEqual(
    expect.objectContaining({ name: 'report.html', kind: 'report' }),
  )
})

it('tells the error of the command, with what to do', async () => {
  writeFileSync(join(workspace, 'broken.onnx'), 'no model')
  const task = await ended({
    ...{ kind: 'verification', model: 'broken.onnx', images: 'faces', pairs: 'pairs.txt' },
  })
  const typed = arcface(task.command.slice(1))
  const { code, message } = task.problem!
  expect([task.state, typed.status]).toEqual(['failed', 1])
  expect(typed.stderr).toContain(`error ${code}: ${message}`)
})

it('tells a program as lines of JSON how far a command is, and how it ended', () => {
  const json = { ARCFACE_PROGRESS: 'json' }
  const lines = (text: string) => text.trimEnd().split('\n')
  const well = arcface(['synthesize', 'more', '--people', '3', '--images', '2', '--json'], json)
  expect(JSON.parse(well.stdout)).toMatchObject({ people: 3, images: 6 })
  expect(
    lines(well.stderr)
      .slice(-2)
      .map((line) => JSON.parse(line)),
  ).toEqual([{ progress: { what: 'people', done: 3, total: 3 } }, { exit: 0 }])
  const badly = arcface(['synthesize', 'more', '--people', '3', '--images', '2'], json)
  const [said, problem, exit] = lines(badly.stderr)
  const { code, message } = JSON.parse(problem!).problem
  expect(said).toContain(`error ${code}: ${message}`)
  expect(JSON.parse(exit!)).toEqual({ exit: 1 })
  // Who gave no such word gets none.
  expect(arcface(['synthesize', 'more', '--people', '3', '--images', '2']).stderr).not.toContain(
    '{',
  )
})
