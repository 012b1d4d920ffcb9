import { join } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { printable, writeErr, writeOut } from '../terminal/printable.js'
import { progress } from '../terminal/progress.js'
import { counted, countedPeople } from '../terminal/words.js'

export function register(program: Command): void {
  program
    .command('clean')
    .description('List images that stand far from their person, by a run with sub-centers')
    .argument('<run>', 'a folder of "arcface train" with loss.name=subcenter-arcface')
    .option('--angle <degrees>', 'images farther from the dominant centre go', angle, 75)
    .option(
      '--out <dir>',
      'folder for clean.txt, dropped.csv, centres.csv, report.html (default: <run>/clean)',
    )
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      '\nThe data stay as they are: train again on the list of what is kept.\n\nExample:\n  $ arcface clean runs/first\n  $ arcface train config.yaml --set loss.name=arcface --set data.list=runs/first/clean/clean.txt',
    )
    .action(async (run: string, options: { angle: number; out?: string; json?: boolean }) => {
      const { cleanRun, readRun } = await import('@arcface/train')
      const { makeFolder } = await import('@arcface/files')
      readRun(run)
      const out = options.out ?? join(run, 'clean')
      makeFolder(out)
      const onProgress = progress('images')
      const limit = (options.angle * Math.PI) / 180
      const result = await cleanRun(run, { limit, out, onProgress })
      for (const path of result.unreadable)
        writeErr(`warning: left out ${printable(path)}: it cannot be decoded\n`)
      if (options.json) {
        const dropped = result.dropped.map(({ angle, likely, ...one }) => ({
          ...one,
          degrees: inDegrees(angle),
          likely: likely && { person: likely.person, degrees: inDegrees(likely.angle) },
        }))
        writeOut(`${JSON.stringify({ run, ...result, dropped })}\n`)
        return
      }
      const extra = result.centres.filter(({ dominant, images }) => !dominant && images > 0)
      writeOut(
        `${counted(result.images, 'image')} of ${countedPeople(result.people)}: ${result.dropped.length} to drop, more than ${options.angle} degrees from their person\n` +
          `${extra.length} centres besides the dominant ones have images of their own\n` +
          `kept: ${result.list}\ndropped: ${join(out, 'dropped.csv')}\ncentres: ${join(out, 'centres.csv')}\n` +
          `pictures to look at: ${result.report}\n`,
      )
    })
}

const inDegrees = (angle: number) => (angle * 180) / Math.PI

function angle(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value > 0 && value <= 180) return value
  throw new InvalidArgumentError('degrees above 0 and up to 180')
}
