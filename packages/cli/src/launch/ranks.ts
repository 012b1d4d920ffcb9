import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { onSignals } from '../terminal/interrupt.js'
import { writeErr } from '../terminal/printable.js'

/** Milliseconds that ranks have to end by themselves after one failed: time to notice, and to say so. */
const GRACE = 10_000

/**
 * Runs a command of this program as `count` ranks on this machine, each a process with the environment that torchrun
 * would give it. The first that fails ends the others. Rank 0 prints; another one only if it was the first to fail.
 * @param args the command without `--nproc`
 * @returns the exit code
 */
export async function runRanks(count: number, args: readonly string[]): Promise<number> {
  // A folder that only this user enters.
  const room = mkdtempSync(join(tmpdir(), 'arcface-ranks-'))
  const store = join(room, 'store')
  const ranks = Array.from({ length: count }, (_, rank) => start(rank, count, store, args))
  // A terminal's Ctrl-C reaches this process only, and every rank once.
  const silence = onSignals((signal) => {
    for (const { child } of ranks) child.kill(signal)
  })
  const failures: { code: number; message: string; hasSaid: boolean }[] = []
  let deadline: NodeJS.Timeout | undefined
  await Promise.all(
    ranks.map(async ({ child, errors }, rank) => {
      const { code, signal } = await ended(child)
      if (code === 0) return
      const how = signal ? `was ended by ${signal}` : `failed with exit code ${code}`
      // Rank 0 says itself why it ends, if it can: failed, or stopped by Ctrl-C.
      const hasSaid = rank === 0 && signal === null
      failures.push({ code: code ?? 1, message: `rank ${rank} of ${count} ${how}`, hasSaid })
      if (rank > 0 && failures.length === 1 && errors.text !== '')
        writeErr(`\nrank ${rank}: ${errors.text.trimEnd()}\n`)
      deadline ??= setTimeout(() => {
        for (const one of ranks) one.child.kill('SIGKILL')
      }, GRACE)
    }),
  )
  clearTimeout(deadline)
  rmSync(room, { recursive: true, force: true })
  silence()
  const [first] = failures
  if (first && !first.hasSaid) writeErr(`error TRAIN_RANK_LOST: ${first.message}\n`)
  return first?.code ?? 0
}

/** What a rank that does not print had to say, the end of it. */
interface Errors {
  text: string
}

function start(rank: number, count: number, store: string, args: readonly string[]) {
  const gpus = process.env.CUDA_VISIBLE_DEVICES?.split(',') ?? []
  const out = rank === 0 ? 'inherit' : 'ignore'
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', ...args], {
    stdio: ['ignore', out, rank === 0 ? 'inherit' : 'pipe', 'ipc'],
    detached: true,
    env: {
      ...process.env,
      RANK: String(rank),
      LOCAL_RANK: String(rank),
      WORLD_SIZE: String(count),
      LOCAL_WORLD_SIZE: String(count),
      MASTER_ADDR: '127.0.0.1',
      MASTER_FILE: store,
      CUDA_VISIBLE_DEVICES: gpus[rank] ?? String(rank),
      // OpenBLAS reads it as it is loaded.
      OMP_NUM_THREADS:
        process.env.OMP_NUM_THREADS ??
        String(Math.max(1, Math.floor(availableParallelism() / count))),
    },
  })
  const errors: Errors = { text: '' }
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors.text = (errors.text + text).slice(-4000)
  })
  return { child, errors }
}

const ended = (child: ChildProcess) =>
  new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('error', (error) => resolve({ code: 1, signal: error.message }))
    child.once('close', (code, signal) => resolve({ code, signal }))
  })

/** A rank ends when the process that started it is gone. */
export function endWithParent(): void {
  if (!process.channel) return
  process.channel.unref()
  process.once('disconnect', () => process.exit(1))
}
