import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A program that stands for `arcface` where that cannot be had, for the room is above this one: it answers `evaluate
 * verification` by what the file of pairs says, a word a line.
 *
 * `progress N` tells that N of 10 are done, `say TEXT` a line, `fail CODE` a problem, `out JSON` a result, `wait FILE`
 * waits until that is there, `deaf` is from then on not interrupted, `exit N` ends it, `die` without a word.
 */
const PROGRAM = `
import { existsSync, readFileSync, writeSync } from 'node:fs'
const path = process.argv[process.argv.indexOf('--pairs') + 1]
const tell = (value) => writeSync(2, JSON.stringify(value) + '\\n')
if (process.env.ARCFACE_PROGRESS !== 'json') throw new Error('nobody asked for progress')
process.once('exit', (exit) => tell({ exit }))
process.on('SIGINT', () => { if (!deaf) { writeSync(2, 'saving\\n'); process.exit(1) } })
let deaf = false
for (const line of readFileSync(path, 'utf8').split('\\n')) {
  const [word, ...rest] = line.split(' ')
  const text = rest.join(' ')
  if (word === 'progress') tell({ progress: { what: 'images', done: Number(text), total: 10 } })
  if (word === 'say') writeSync(2, text + '\\n')
  if (word === 'fail') { writeSync(2, 'error ' + text + '\\n'); tell({ problem: { code: text, message: 'it is so' } }); process.exit(1) }
  if (word === 'out') writeSync(1, text + '\\n')
  if (word === 'deaf') deaf = true
  if (word === 'exit') process.exit(Number(text))
  if (word === 'die') process.kill(process.pid, 'SIGKILL')
  if (word === 'wait') while (!existsSync(text)) await new Promise((done) => setTimeout(done, 20))
}
`

/** @param folder where it is written @returns the command, as `startServer` takes it */
export function drawnCommand(folder: string): string[] {
  const path = join(folder, 'arcface.mjs')
  writeFileSync(path, PROGRAM)
  return [process.execPath, path]
}
