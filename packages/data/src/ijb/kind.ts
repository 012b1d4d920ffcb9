import { firstLine } from '@arcface/files'

/** The lists of IJB: see `readTemplateMedia`, `readTemplatePairs`, `readSubjects`, `readLandmarks`. */
export type IjbKind = 'media' | 'pairs' | 'subjects' | 'landmarks'

const LINES: readonly (readonly [IjbKind, RegExp])[] = [
  ['pairs', /^\d+[ \t]+\d+[ \t]+[01]$/],
  ['media', /^\S+[ \t]+\d+[ \t]+\d+$/],
  ['landmarks', /^\S+([ \t]+[-+.\de]+){11}$/],
  ['subjects', /^(TEMPLATE_ID,\s*SUBJECT_ID\b.*|\d+,\d+(,.*)?)$/i],
]

/**
 * Which list of IJB a file is by its first line, or null: a list of pairs of images, for example.
 *
 * @throws FilesError FILES_READ, FILES_LINE (a line beyond 64 KiB)
 */
export function ijbKind(path: string): IjbKind | null {
  const first = firstLine(path).trim()
  return LINES.find(([, line]) => line.test(first))?.[0] ?? null
}
