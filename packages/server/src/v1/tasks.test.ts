import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../client/client.js'
import { drawnCommand } from '../testing/command.js'
import { serverProcess } from '../testing/process.js'
import { drawnModels, type TestServer, testServer } from '../testing/server.js'

let server: TestServer
let workspace: string
let client: ReturnType<typeof connect>
beforeAll(async () => {
  server = await testServer({}, 'drawn', true)
  workspace = join(server.folder, 'workspace')
  client = connect({ url: server.url })
})
afterAll(() => server.close())

/** A task whose command does what these lines say. */
async function start(name: string, lines: readonly string[], to = client, at = workspace) {
  writeFileSync(join(at, `${name}.txt`), lines.join('\n'))
  const body = { kind: 'verification', model: 'pack', pairs: `${name}.txt` } as const
  const { data, error } = await to.POST('/v1/tasks', { body })
  expect(error).toBeUndefined()
  return data!
}
const get = async (task: string, from = client) =>
  (await from.GET('/v1/tasks/{task}', { params: { path: { task } } })).data
const until = (task: string, state: string, from = client) =>
  expect.poll(async () => (await get(task, from))?.state, { timeout: 10_000 }).toBe(state)

describe('a task', () => {
  it('is a command in the workspace, with its progress, its log and what it came to', async () => {
    const { id, command, folder } = await start('well', [
      'say begins',
      'progress 3',
      'wait go',
      'say more',
      'progress 10',
      'out {"accuracy":0.5}',
    ])
    expect(command).toEqual([
      ...['arcface', 'evaluate', 'verification', '--model', 'pack', '--pairs', 'well.txt'],
      ...['--report', `${folder}/report`, '--json'],
    ])
    await expect.poll(async () => (await get(id))?.progress?.done).toBe(3)
    expect(await get(id)).toMatchObject({ state: 'running', result: null, ended: null })
    writeFileSync(join(workspace, 'go'), '')
    await until(id, 'done')
    expect(await get(id)).toMatchObject({
      ...{ kind: 'verification', parameters: { model: 'pack', pairs: 'well.txt', flip: false } },
      ...{ progress: { what: 'images', done: 10, total: 10 }, result: { accuracy: 0.5 } },
      problem: null,
    })
    const path = { task: id }
    const log = async (offset: number) =>
      (await client.GET('/v1/tasks/{task}/log', { params: { path, query: { offset } } })).data!
    expect((await log(0)).text).toBe('begins\nmore\n')
    expect((await log((await log(0)).next)).text).toBe('')
    expect((await log(-80)).text).toBe('more\n')
    for (const name of ['', 'task.json', 'log.txt', 'out.json'])
      expect(statSync(join(workspace, folder, name)).mode & 0o077).toBe(0)
    const { data } = await client.GET('/v1/tasks')
    expect(data!.tasks[0]).toMatchObject({ id, state: 'done' })
    const gone = await client.DELETE('/v1/tasks/{task}', { params: { path } })
    expect([gone.response.status, existsSync(join(workspace, folder))]).toEqual([204, false])
    expect(await get(id)).toBeUndefined()
  })

  it.each([
    ['fail DATA_PAIRS', 'failed', { code: 'DATA_PAIRS', message: 'it is so' }],
    ['say usage\nexit 2', 'failed', { code: 'SERVER_COMMAND', message: 'usage' }],
    ['exit 1', 'cancelled', null],
    ['die', 'failed', { code: 'SERVER_COMMAND', message: 'the command was ended by SIGKILL' }],
  ])('that does %j has %s', async (line, state, problem) => {
    const { id } = await start('ends', [line])
    await until(id, state)
    const found = (await get(id))!.problem
    if (problem === null) expect(found).toBeNull()
    else expect(found).toMatchObject(problem)
  })

  it('is interrupted, and ended where it does not hear', async () => {
    const path = async (name: string, lines: string[]) => ({
      path: { task: (await start(name, lines)).id },
    })
    const hears = await path('hears', ['progress 1', 'wait never'])
    const deaf = await path('deaf', ['deaf', 'progress 1', 'wait never'])
    for (const { path } of [hears, deaf])
      await expect.poll(async () => (await get(path.task))?.progress?.done).toBe(1)
    // Two run; a third waits, and never begins.
    const waits = await path('waits', ['out {}'])
    expect((await get(waits.path.task))!.state).toBe('waiting')
    const end = (params: typeof hears) => client.DELETE('/v1/tasks/{task}', { params })
    expect((await end(waits)).data).toMatchObject({ state: 'cancelled', started: null })
    expect((await end(deaf)).data).toMatchObject({ state: 'running' })
    await end(hears)
    await until(hears.path.task, 'cancelled')
    expect(
      readFileSync(join(workspace, (await get(hears.path.task))!.folder, 'log.txt'), 'utf8'),
    ).toContain('saving\n')
    expect((await get(deaf.path.task))!.state).toBe('running')
    await end(deaf)
    await until(deaf.path.task, 'cancelled')
  })

  it('tells by events what becomes of it', async () => {
    const { id } = await start('told', ['progress 2', 'wait told-go', 'out {}'])
    const answer = await fetch(`${server.url}/v1/tasks/${id}/events`)
    expect(answer.headers.get('content-type')).toBe('text/event-stream')
    let text = ''
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk
      if (text.includes('"done":2')) writeFileSync(join(workspace, 'told-go'), '')
    }
    expect(text).toMatch(
      /^event: running\n[\s\S]*event: done\ndata: \{[^\n]*"state":"done"[^\n]*\n\n$/,
    )
  })

  it('reads nothing outside of the workspace, whatever is asked', async () => {
    const outside = join(server.folder, 'outside.txt')
    writeFileSync(outside, 'out {}')
    symlinkSync(outside, join(workspace, 'link.txt'))
    symlinkSync(server.folder, join(workspace, 'folder'))
    symlinkSync(join(server.folder, 'nothing'), join(workspace, 'nowhere'))
    mkdirSync(join(workspace, '--json'))
    writeFileSync(join(workspace, '--json', 'pairs.txt'), 'out {"dash":true}')
    const ask = async (body: object) => {
      const answer = await fetch(`${server.url}/v1/tasks`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ kind: 'verification', model: 'pack', ...body }),
      })
      return {
        status: answer.status,
        ...((await answer.json()) as { detail?: string; id?: string }),
      }
    }
    for (const pairs of [
      ...[outside, '../outside.txt', 'a/../../outside.txt', 'link.txt', 'folder/outside.txt'],
      ...[
        'nowhere',
        'nowhere/a',
        'a\0b',
        'a//b',
        './a',
        '',
        'C:\\a',
        '\\\\host\\a',
        'x'.repeat(300),
      ],
    ])
      expect([pairs, (await ask({ pairs })).status]).toEqual([pairs, 400])
    expect((await ask({ pairs: 'none.txt' })).status).toBe(404)
    expect((await ask({ pairs: 'well.txt', model: 'no/model.onnx' })).status).toBe(404)
    expect((await ask({ pairs: 'well.txt', model: '--version' })).status).toBe(404)
    expect((await ask({ pairs: 'well.txt', more: 1 })).detail).toContain('unknown key more')
    expect((await ask({ kind: 'shell' })).status).toBe(400)
    const { id } = await ask({ pairs: '--json/pairs.txt' })
    await until(id!, 'done')
    expect((await get(id!))!.result).toEqual({ dash: true })
    expect((await client.GET('/v1/tasks')).data!.tasks.map(({ state }) => state)).not.toContain(
      'waiting',
    )
  })
})

it('goes on when its server is killed, is found by the next one, and waits no second time', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tasks-'))
  const at = join(folder, 'data', 'workspace')
  const config = {
    port: 0,
    data: join(folder, 'data'),
    log: 'silent',
    workspace: { tasks: 1 },
    ...drawnModels(folder),
  }
  const command = drawnCommand(folder)
  const first = await serverProcess(config, [], command)
  const before = connect({ url: first.url })
  const runs = await start('runs', ['progress 4', 'wait go', 'out {"kept":true}'], before, at)
  const dies = await start('dies', ['progress 1', 'wait never'], before, at)
  await expect.poll(async () => (await get(runs.id, before))?.progress?.done).toBe(4)
  await first.kill()
  // A folder that is none of ours, one of which the file is torn, and one of a hostile name.
  for (const name of ['20200101-000000-abcdef', '..x', 'mine']) mkdirSync(join(at, 'tasks', name))
  writeFileSync(join(at, 'tasks/20200101-000000-abcdef/task.json'), '{"id":"2020')

  const second = await serverProcess(config, [], command)
  const after = connect({ url: second.url })
  try {
    expect(await get(runs.id, after)).toMatchObject({ state: 'running', progress: { done: 4 } })
    expect((await get(dies.id, after))!.state).toBe('waiting')
    expect(await get('20200101-000000-abcdef', after)).toMatchObject({
      state: 'lost',
      created: '2020-01-01T00:00:00Z',
    })
    expect((await after.GET('/v1/tasks')).data!.tasks).toHaveLength(3)
    writeFileSync(join(at, 'go'), '')
    await until(runs.id, 'done', after)
    expect((await get(runs.id, after))!.result).toEqual({ kept: true })
    const { log } = (await get(runs.id, after))!
    expect(log).toBe(statSync(join(at, runs.folder, 'log.txt')).size)
    await until(dies.id, 'running', after)
    const { pid } = JSON.parse(readFileSync(join(at, dies.folder, 'task.json'), 'utf8')).process
    await second.kill()
    process.kill(pid, 'SIGKILL')
    const third = await serverProcess(config, [], command)
    await until(dies.id, 'lost', connect({ url: third.url }))
    expect((await get(runs.id, connect({ url: third.url })))!.log).toBe(log)
    await third.kill()
  } finally {
    await second.kill()
    rmSync(folder, { recursive: true, force: true })
  }
})
