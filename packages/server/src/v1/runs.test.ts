import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from '@arcface/files'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../client/client.js'
import { type TestServer, testServer } from '../testing/server.js'

let server: TestServer
let workspace: string
let client: ReturnType<typeof connect>
beforeAll(async () => {
  server = await testServer()
  workspace = join(server.folder, 'workspace')
  client = connect({ url: server.url })
})
afterAll(() => server.close())

const CONFIG = [
  'seed: 1',
  'model: { backbone: r18-small, embedding: 256 }',
  'loss: { name: arcface, scale: 32 }',
  'train: { epochs: 4 }',
].join('\n')

interface Line {
  readonly [name: string]: unknown
  readonly step: number
}
const loss = (step: number) => 10 / (1 + step / 300)
const stepLine = (step: number): Line => ({
  ...{ step, epoch: 0, loss: loss(step), lr: 0.1, targetAngle: null },
  seconds: { data: step / 1000, forward: 0.2 },
})
const verifyLine = (step: number, accuracy: number): Line => ({
  ...{ step, set: 'lfw', accuracy, std: 0.01, auc: 0.9, tarAtFar: {}, thresholdAtFar: {} },
})
const text = (lines: readonly (Line | string)[]) =>
  lines.map((one) => `${typeof one === 'string' ? one : JSON.stringify(one)}\n`).join('')
const steps = (count: number, from = 1) =>
  Array.from({ length: count }, (_, i) => stepLine(10 * (from + i)))

/** A run as a training leaves it. */
function made(run: string, lines: readonly (Line | string)[], config = CONFIG): string {
  const path = join(workspace, run)
  mkdirSync(join(path, 'checkpoints'), { recursive: true })
  writeFileSync(join(path, 'config.yaml'), config)
  writeFileSync(join(path, 'metrics.jsonl'), text(lines))
  return path
}
function saved(path: string, step: number, more: object = {}): void {
  mkdirSync(join(path, 'checkpoints', `step-${step}`), { recursive: true })
  const state = { format: 2, step, stepsPerEpoch: 100, score: 0.8, stale: 0, ...more }
  writeFileSync(join(path, 'checkpoints', `step-${step}`, 'state.json'), JSON.stringify(state))
}
const list = async () => (await client.GET('/v1/runs', {})).data!.runs
const metrics = async (query: {
  run: string
  from?: number
  to?: number
  points?: number
  series?: string[]
}) => (await client.GET('/v1/runs/metrics', { params: { query } })).data!

describe('runs', () => {
  it('are found with where they stand', async () => {
    const stopped = made('runs/stopped', [
      ...steps(12),
      verifyLine(100, 0.7),
      verifyLine(120, 0.75),
    ])
    saved(stopped, 100)
    saved(stopped, 120, { score: null })
    saved(made('runs/finished', steps(40)), 400)
    saved(made('deep/er/patient', steps(9), `${CONFIG}\nverify: { patience: 2 }`), 90, { stale: 2 })
    made('runs/torn', ['{"step":10,"loss":1', ...steps(2)], 'model: [')
    made('ab/arc-seed-1', steps(1))
    // Of many people none is looked at for a run.
    for (let i = 0; i < 30; i++) mkdirSync(join(workspace, `people/${i}`), { recursive: true })
    writeFileSync(join(workspace, 'people/0/a.jpg'), '')
    mkdirSync(join(workspace, 'runs/none'))
    // Photographs beside runs hide none.
    for (const place of ['', 'runs/', 'deep/']) writeFileSync(join(workspace, `${place}a.jpg`), '')
    const found = Object.fromEntries((await list()).map((one) => [one.run, one]))
    expect(Object.keys(found).sort()).toEqual([
      ...['ab/arc-seed-1', 'deep/er/patient', 'runs/finished', 'runs/stopped', 'runs/torn'],
    ])
    expect(found['runs/stopped']).toMatchObject({
      ...{ state: 'stopped', problem: null, step: 120, steps: 400, ablation: null },
      ...{ loss: 'arcface', backbone: 'r18-small', verification: [{ set: 'lfw', accuracy: 0.75 }] },
      last: { loss: loss(120), 'seconds.data': 0.12 },
    })
    expect(found['runs/finished']!.state).toBe('finished')
    expect(found['deep/er/patient']!.state).toBe('finished')
    expect(found['runs/torn']).toMatchObject({
      state: 'damaged',
      step: 20,
      problem: expect.stringContaining('config.yaml'),
    })
    expect(found['ab/arc-seed-1']).toMatchObject({ ablation: 'ab', steps: null })
    // What has changed since is told.
    appendFileSync(join(stopped, 'metrics.jsonl'), text([stepLine(130)]))
    expect((await list()).find(({ run }) => run === 'runs/stopped')!.step).toBe(130)
  })

  it('are told whole', async () => {
    const path = made('one', steps(2))
    saved(path, 9)
    saved(path, 20)
    mkdirSync(join(path, 'pictures'))
    for (const name of ['step-9.jpg', 'step-100.jpg', 'notes.txt'])
      writeFileSync(join(path, 'pictures', name), '')
    const one = async (run: string) => client.GET('/v1/runs/one', { params: { query: { run } } })
    expect((await one('one')).data).toMatchObject({
      ...{ run: 'one', yaml: CONFIG, config: { train: { epochs: 4 }, seed: 1 }, report: null },
      checkpoints: [{ step: 20, path: 'one/checkpoints/step-20', score: 0.8 }, { step: 9 }],
      pictures: ['one/pictures/step-100.jpg', 'one/pictures/step-9.jpg'],
    })
    symlinkSync(server.folder, join(workspace, 'outside'))
    for (const [run, status] of [
      ['none', 404],
      ['runs', 400],
      ['outside/temporary', 400],
      ['../x', 400],
    ] as const)
      expect([run, (await one(run)).response.status]).toEqual([run, status])
  })
})

describe('what a run has measured', () => {
  it('is told line by line where there is room, and what is damaged counted', async () => {
    const torn = [
      '{"step":1',
      '',
      'null',
      '[1]',
      '{"loss":1}',
      '{"step":-1,"loss":1}',
      `{"step":1,"x":"${'y'.repeat(3 << 20)}"}`,
    ]
    const lines = [
      ...steps(50),
      ...torn,
      verifyLine(500, 0.9),
      { step: 500, set: 'x', failure: 'why' },
      { step: 9, more: 1 },
    ]
    made('exact', [...lines, stepLine(510)])
    const all = await metrics({ run: 'exact' })
    expect(all.step).toEqual([...steps(51)].map(({ step }) => step))
    expect(all).toMatchObject({ from: 10, to: 510, total: 51, torn: 6 })
    expect(all.verification).toEqual([verifyLine(500, 0.9)])
    expect(all.failures).toEqual([{ step: 500, set: 'x', failure: 'why' }])
    const told = all.series.loss as number[]
    told.forEach((one, i) => {
      expect(one).toBeCloseTo(loss(all.step[i]!), 5)
    })
    expect(Object.keys(all.series)).toEqual([
      'epoch',
      'loss',
      'lr',
      'seconds.data',
      'seconds.forward',
    ])
    const part = await metrics({ run: 'exact', from: 100, to: 195, series: ['loss'] })
    expect([part.step[0], part.step.at(-1), Object.keys(part.series), part.verification]).toEqual([
      100,
      190,
      ['loss'],
      [],
    ])
    // A line that is being written counts when it is whole.
    appendFileSync(join(workspace, 'exact/metrics.jsonl'), '{"step":520,')
    expect((await metrics({ run: 'exact' })).to).toBe(510)
    appendFileSync(join(workspace, 'exact/metrics.jsonl'), '"loss":1}\n')
    expect(await metrics({ run: 'exact' })).toMatchObject({ to: 520, torn: 6 })
  })

  it('is told in buckets of mean, least and greatest, and finer where it is looked at more closely', async () => {
    const count = 30_000
    made('long', steps(count))
    const all = await metrics({ run: 'long', points: 100 })
    expect([all.total, all.step.length <= 100, all.to]).toEqual([count, true, 10 * count])
    const { mean, min, max } = all.series.loss as { mean: number[]; min: number[]; max: number[] }
    // Each bucket against the formula.
    let first = 1
    all.step.forEach((last, i) => {
      const own = Array.from({ length: last / 10 - first + 1 }, (_, k) => loss(10 * (first + k)))
      expect(mean[i]! / (own.reduce((a, b) => a + b) / own.length)).toBeCloseTo(1, 5)
      expect([min[i]! / own.at(-1)!, max[i]! / own[0]!].map((one) => one.toFixed(5))).toEqual([
        '1.00000',
        '1.00000',
      ])
      first = last / 10 + 1
    })
    const part = await metrics({ run: 'long', from: 100_005, to: 105_000, points: 1000 })
    expect(part.step).toEqual(steps(500, 10_001).map(({ step }) => step))
    ;(part.series.loss as number[]).forEach((one, i) => {
      expect(one / loss(part.step[i]!)).toBeCloseTo(1, 5)
    })
  })

  it('begins anew where the run was gone on with from a checkpoint', async () => {
    const path = join(made('again', steps(30)), 'metrics.jsonl')
    expect((await metrics({ run: 'again' })).to).toBe(300)
    // As `truncateMetrics` of the training does: shorter, then longer with other figures.
    writeWhole(path, text(steps(20)))
    const shorter = await metrics({ run: 'again' })
    expect([shorter.to, shorter.total]).toEqual([200, 20])
    writeWhole(path, text([...steps(20), ...steps(20, 21).map((one) => ({ ...one, loss: 5 }))]))
    const longer = await metrics({ run: 'again', from: 210 })
    expect([longer.total, longer.series.loss]).toEqual([40, Array(20).fill(5)])
    // In place too.
    writeFileSync(path, text(steps(50).map((one) => ({ ...one, loss: 7 }))))
    expect((await metrics({ run: 'again', to: 20 })).series.loss).toEqual([7, 7])
    rmSync(path)
    expect(await metrics({ run: 'again' })).toMatchObject({
      total: 0,
      offset: 0,
      bytes: 0,
      step: [],
    })
  })
})

it('a file in the place of another keeps nobody waiting', async () => {
  const path = made('odd', [])
  rmSync(join(path, 'metrics.jsonl'))
  execFileSync('mkfifo', [join(path, 'metrics.jsonl')])
  expect(await metrics({ run: 'odd' })).toMatchObject({ total: 0, bytes: 0 })
  rmSync(join(path, 'config.yaml'))
  mkdirSync(join(path, 'config.yaml'))
  expect((await list()).find(({ run }) => run === 'odd')).toMatchObject({ state: 'damaged' })
})

interface Event {
  readonly id: string
  readonly event: string
  readonly data: never
}
/** Follows a run until it has heard what it waits for. */
function following(query: string, headers = {}) {
  const heard: Event[] = []
  const stop = new AbortController()
  const ended = (async () => {
    const answer = await fetch(`${server.url}/v1/runs/events?${query}`, {
      signal: stop.signal,
      headers,
    })
    let rest = ''
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + chunk).split('\n\n')
      rest = parts.pop()!
      for (const part of parts) {
        const fields = Object.fromEntries(part.split('\n').map((line) => line.split(/: (.*)/s)))
        if (fields.event) heard.push({ ...fields, data: JSON.parse(fields.data) } as Event)
      }
    }
  })().catch(() => {})
  const lines = () =>
    heard.filter(({ event }) => event === 'lines').flatMap(({ data }) => data as { step: number }[])
  return {
    ...{ heard, lines },
    until: (what: () => boolean) => expect.poll(what, { timeout: 10_000 }).toBe(true),
    close: async () => {
      stop.abort()
      await ended
    },
  }
}

describe('a run that is followed', () => {
  it('tells what is written, once, also to who comes back, and of a resume', async () => {
    const path = join(made('live', steps(5)), 'metrics.jsonl')
    const { offset, file } = await metrics({ run: 'live' })
    appendFileSync(path, text([stepLine(60)]))
    const first = following(`run=live&offset=${offset}&file=${file}`)
    await first.until(() => first.lines().length === 1)
    appendFileSync(path, `${text([stepLine(70)])}{"step":80,`)
    await first.until(() => first.lines().length === 2)
    expect(first.lines().map(({ step }) => step)).toEqual([60, 70])
    expect(first.heard.find(({ event }) => event === 'state')!.data).toEqual({ state: 'stopped' })
    const { id } = first.heard.findLast(({ event }) => event === 'lines')!
    await first.close()

    appendFileSync(path, '"loss":1}\n')
    const second = following('run=live', { 'last-event-id': id })
    await second.until(() => second.lines().length === 1)
    expect(second.lines()).toEqual([{ step: 80, loss: 1 }])
    writeWhole(path, text(steps(3)))
    await second.until(() => second.heard.some(({ event }) => event === 'reset'))
    const { data } = second.heard.find(({ event }) => event === 'reset')!
    expect(data).toEqual({
      offset: text(steps(3)).length,
      file: (await metrics({ run: 'live' })).file,
    })
    appendFileSync(path, text([stepLine(40)]))
    await second.until(() => second.lines().length === 2)
    expect(second.lines()[1]!.step).toBe(40)
    await second.close()
    // Who was away while that happened.
    const third = following('run=live', { 'last-event-id': id })
    await third.until(() => third.heard.some(({ event }) => event === 'reset'))
    expect(third.lines()).toEqual([])
    await third.close()
  })

  it('is running while a process has its lock, which may be asked to end', async () => {
    const path = made('locked', steps(1))
    const files = new URL('../../../files/dist/index.js', import.meta.url)
    const holder = spawn(
      process.execPath,
      [
        ...['--input-type=module', '-e'],
        `const { Lock } = await import(${JSON.stringify(files)})
       await Lock.take(${JSON.stringify(join(path, '.lock'))}, { what: 'the run' })
       process.on('SIGINT', () => process.exit(0))
       console.log('in')
       setInterval(() => {}, 1000)`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const closed = once(holder, 'close')
    await once(holder.stdout, 'data')
    const stop = (run: string) => client.POST('/v1/runs/stop', { body: { run } })
    const state = async () => (await list()).find(({ run }) => run === 'locked')!.state
    const follower = following('run=locked')
    try {
      expect(await state()).toBe('running')
      await follower.until(() => follower.heard.length > 0)
      expect((await stop('locked')).response.status).toBe(202)
      expect((await closed)[0]).toBe(0)
      expect(await state()).toBe('stopped')
      const states = () => follower.heard.map(({ data }) => (data as { state: string }).state)
      await follower.until(() => follower.heard.length > 1)
      expect(states()).toEqual(['running', 'stopped'])
      expect((await stop('locked')).error).toMatchObject({ code: 'SERVER_CONFLICT' })
    } finally {
      holder.kill('SIGKILL')
      await follower.close()
    }
  })
})

it('an ablation is told as it grows', async () => {
  const path = join(workspace, 'ablation')
  saved(made('ablation/arcface-seed-1', [...steps(40), verifyLine(400, 0.8)]), 400)
  made('ablation/softmax-seed-1', steps(3))
  const ask = async (query: string) =>
    client.GET('/v1/ablations/one', { params: { query: { path: query } } })
  const one = async () => (await ask('ablation')).data!
  expect(await one()).toMatchObject({
    ...{ state: 'stopped', table: null },
    trials: [
      {
        entry: 'arcface',
        seed: 1,
        run: 'ablation/arcface-seed-1',
        state: 'finished',
        verification: [{ set: 'lfw', accuracy: 0.8 }],
      },
      { entry: 'softmax', state: 'stopped', step: 30 },
    ],
  })
  writeFileSync(
    join(path, 'results.json'),
    JSON.stringify({ sets: ['lfw'], rows: [], trials: [1] }),
  )
  expect((await one()).table).toEqual({ sets: ['lfw'], rows: [] })
  writeFileSync(join(path, 'results.json'), '{"sets":')
  expect((await one()).table).toBeNull()
  expect((await ask('ablation/arcface-seed-1')).response.status).toBe(400)
  expect(existsSync(join(path, 'results.json'))).toBe(true)
})
