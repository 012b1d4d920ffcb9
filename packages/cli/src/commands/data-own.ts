import { printable, warn, writeErr, writeOut } from '../terminal/printable.js'
import { progress } from '../terminal/progress.js'
import { counted, countedPeople } from '../terminal/words.js'

interface SplitCommand {
  share: number
  seed: number
  json?: boolean
}

/** `arcface data split` */
export async function split(
  src: string,
  train: string,
  test: string,
  { share, seed, json }: SplitCommand,
): Promise<void> {
  const { openFolders, splitPeople } = await import('@arcface/data')
  const set = openFolders([src])
  set.warnings.forEach(warn)
  const bar = progress('images')
  const onProgress = (done: number) => bar(done, set.samples.length)
  const result = splitPeople(set, { train, test, share, seed, onProgress })
  if (json) writeOut(`${JSON.stringify({ src, seed, ...result })}\n`)
  else {
    const side = (path: string, { people, images }: typeof result.train) =>
      `${printable(path)}: ${countedPeople(people)}, ${counted(images, 'image')}\n`
    writeOut(side(train, result.train) + side(test, result.test))
    if (result.copied) writeErr('copied: links are not possible there\n')
  }
}

interface PairsCommand {
  folds: number
  pairs: number
  seed: number
  json?: boolean
}

/** `arcface data pairs` */
export async function pairs(
  src: string,
  out: string,
  { folds, pairs, seed, json }: PairsCommand,
): Promise<void> {
  const { openFolders, writeOwnPairs } = await import('@arcface/data')
  const set = openFolders([src])
  set.warnings.forEach(warn)
  const result = writeOwnPairs(out, src, set, { folds, pairsPerFold: pairs, seed })
  result.warnings.forEach(warn)
  if (json) writeOut(`${JSON.stringify({ src, out, seed, ...result })}\n`)
  else
    writeOut(
      `${printable(out)}: ${2 * result.folds * result.pairsPerFold} pairs of ${countedPeople(result.people)} in ${counted(result.folds, 'fold')}\n`,
    )
}
