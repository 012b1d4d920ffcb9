import { existsSync, readdirSync, statSync } from 'node:fs'
import { extname, join, relative } from 'node:path'
import { IMAGE_EXTENSIONS, imageName, openUnlabelled } from '@arcface/data'
import { EvaluateError } from '../../errors.js'

/** What was held before a camera, and the pictures that were taken of it: one, or the frames of a video. */
export interface PresentedFiles {
  /** The picture or the folder of frames, below the folder that was opened. */
  readonly name: string
  /** The species of the instrument of attack; null for a living person. */
  readonly species: string | null
  /** Who is shown; null where nobody knows. */
  readonly person: string | null
  readonly files: readonly string[]
}

export interface PresentedFolder {
  readonly root: string
  readonly presentations: readonly PresentedFiles[]
  readonly warnings: readonly string[]
}

/**
 * Presentations of a folder, in order of their names: living people in `live`, attacks in `attack/<species>`; in each of
 * these a folder a person (of the same name wherever this person is shown), or pictures of which nobody says whom they show.
 * A folder in that of a person is one presentation, its pictures are frames. Nothing is decoded.
 * @throws DataError DATA_FOLDER_MISSING, DATA_EMPTY_FOLDER; EvaluateError EVALUATE_PAD where there is no species, or a
 *   picture in none
 */
export function openPresentations(root: string): PresentedFolder {
  const attack = join(root, 'attack')
  const warnings: string[] = []
  const living = presented(root, null, warnings)
  const species = speciesIn(attack)
  const attacks = species.flatMap((name) => presented(root, name, warnings))
  const presentations = [...living, ...attacks]
  const without = presentations.filter(({ person }) => person === null).length
  if (without > 0)
    warnings.push(
      `${without} of ${presentations.length} presentations are in no folder of a person: each counts as somebody of its own, so intervals may be too narrow`,
    )
  return { root, presentations, warnings }
}

function presented(root: string, species: string | null, warnings: string[]): PresentedFiles[] {
  const folder = species === null ? join(root, 'live') : join(root, 'attack', species)
  const { samples, warnings: ignored } = openUnlabelled([folder])
  warnings.push(...ignored)
  const found = new Map<string, { name: string; person: string | null; files: string[] }>()
  for (const file of samples.map(imageName)) {
    const [person, ...below] = relative(folder, file).split(/[\\/]/)
    // Deeper than a person's pictures are those of one presentation.
    const name = relative(root, below.length > 1 ? join(file, '..') : file)
    const one = found.get(name) ?? { name, person: below.length > 0 ? person! : null, files: [] }
    one.files.push(file)
    found.set(name, one)
  }
  return [...found.values()].map((one) => ({ ...one, species }))
}

/** The folders in `attack`, by code point. */
function speciesIn(attack: string): string[] {
  const entries = existsSync(attack) ? readdirSync(attack) : []
  const isFolder = (name: string) =>
    statSync(join(attack, name), { throwIfNoEntry: false })?.isDirectory() === true
  const species = entries.filter((name) => !name.startsWith('.') && isFolder(name))
  const hint = `Attacks lie in a folder of their species, as ${join('attack', 'print', 'ann', '1.jpg')}.`
  const loose = entries.find(
    (name) => IMAGE_EXTENSIONS.includes(extname(name).toLowerCase()) && !species.includes(name),
  )
  if (loose !== undefined)
    throw new EvaluateError('EVALUATE_PAD', `${join(attack, loose)} is in no species of attack`, {
      hint,
    })
  if (species.length === 0)
    throw new EvaluateError('EVALUATE_PAD', `${attack} holds no species of attack`, { hint })
  return species.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}
