import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { synthesizeFaces, synthesizeVerification } from '@arcface/data'
import { describe, expect, it } from 'vitest'
import { pointed } from '../run/retention.js'
import { readScalars } from '../testing/events.js'

const room = mkdtempSync(join(tmpdir(), 'kills-'))
const KILLS = 20

/** Trains, or goes on, in a process of its own; says `step` after each. */
const program = `
  import { existsSync, readFileSync } from 'node:fs'
  import { checkConfig, resume, runPaths, train } from '@arcface/train'
  const config = checkConfig(JSON.parse(readFileSync(process.argv[1], 'utf8')))
  const events = { onStep: () => process.stdout.write('step\\n') }
  if (existsSync(runPaths(config.output).config)) await resume(config.output, events)
  else await train(config, events)
`
const start = (config: string) =>
  spawn(process.execPath, ['--input-type=module', '-e', program, config], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  })

/** Waits for some steps and a moment more, then kills. False if the training was done before. */
async function killed(config: string): Promise<boolean> {
  const child = start(config)
  const exit = once(child, 'exit')
  let steps = 1 + Math.floor(Math.random() * 4)
  for await (const _ of createInterface({ input: child.stdout })) if (--steps === 0) break
  await setTimeout(Math.random() * 60)
  child.kill('SIGKILL')
  const [code, signal] = await exit
  if (signal !== 'SIGKILL') expect(code).toBe(0)
  return signal === 'SIGKILL'
}

describe('a training that is killed', () => {
  it('goes on each time, to the bits of one that is not', async () => {
    const [faces, strangers, pairs] = ['faces', 'strangers', 'pairs.txt'].map((name) =>
      join(room, name),
    ) as [string, string, string]
    await synthesizeFaces(faces, { people: 8, imagesPerPerson: 6, seed: 1 })
    await synthesizeVerification(strangers, pairs, { people: 20, imagesPerPerson: 2, seed: 2 })
    const config = (name: string) => {
      const path = join(room, `${name}.json`)
      const values = {
        output: join(room, name),
        data: { roots: [faces] },
        model: { backbone: 'r10-small', embedding: 16, dropout: 0.2 },
        loss: { scale: 16 },
        train: { epochs: 20, batchSize: 8, threads: 1 },
        verify: { every: 8, sets: [{ name: 'strangers', images: strangers, pairs }] },
        checkpoint: { every: 2, keep: 1 },
      }
      writeFileSync(path, JSON.stringify(values))
      return path
    }
    const whole = start(config('whole'))
    expect((await once(whole, 'exit'))[0]).toBe(0)
    const broken = config('broken')
    let kills = 0
    while (kills < KILLS && (await killed(broken))) kills++
    expect(kills).toBe(KILLS)
    const last = start(broken)
    expect((await once(last, 'exit'))[0]).toBe(0)

    const bytes = (name: string, file: string) =>
      readFileSync(join(room, name, 'checkpoints/latest', file))
    for (const part of ['backbone', 'head-0-of-1', 'optimizer', 'random'].map(
      (one) => `${one}.safetensors`,
    ))
      expect(bytes('broken', part).equals(bytes('whole', part)), part).toBe(true)
    const figures = (name: string) =>
      readFileSync(join(room, name, 'metrics.jsonl'), 'utf8').replaceAll(
        /"imagesPerSecond":.*?"memory":\d+/g,
        '',
      )
    expect(figures('broken')).toBe(figures('whole'))
    const scalars = (name: string) =>
      readScalars(join(room, name)).filter((line) => !/ (speed|milliseconds_a_step)\//.test(line))
    const [one, other] = ['whole', 'broken'].map((name) => join(room, name, 'checkpoints'))
    expect(pointed(one!, 'best')).not.toBeNull()
    expect(pointed(other!, 'best')).toBe(pointed(one!, 'best'))
    expect(readdirSync(other!).sort()).toEqual(readdirSync(one!).sort())
    expect(existsSync(join(room, 'broken/report.html'))).toBe(true)
    expect(scalars('broken')).toEqual(scalars('whole'))
  }, 300_000)
})
