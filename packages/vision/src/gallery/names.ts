import { kindOf } from '../options.js'
import type { ArgumentRules } from './arguments.js'
import type { GalleryRefusal, GalleryTrouble } from './refuse.js'

export interface Filter {
  /** Only people in all of these groups. */
  readonly groups?: readonly string[]
}

const LENGTH = 500

/** What nobody sees, or what turns the order of the text around it: two names that look alike would be two people. */
const HIDDEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu

/** Scripts that need a joiner or non-joiner between their letters (UAX 31, section 2.3). */
const JOINING = [
  ...['Arabic', 'Syriac', 'Mongolian', 'Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya'],
  ...['Tamil', 'Telugu', 'Kannada', 'Malayalam', 'Sinhala', 'Khmer', 'Myanmar', 'Tibetan'],
]
  .map((script) => `\\p{Script=${script}}`)
  .join('')

/** Where such a character belongs to what is written. */
const WANTED = new RegExp(
  [
    `(?<=[${JOINING}])[\\u200c\\u200d](?=[${JOINING}])`,
    // Parts of one picture, and whether it is one.
    '(?<=[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\ufe0f])\\u200d(?=\\p{Extended_Pictographic})',
    '(?<=\\p{Extended_Pictographic})[\\ufe0e\\ufe0f]|(?<=[0-9#*])\\ufe0f(?=\\u20e3)',
    '(?<=\\u{1f3f4})[\\u{e0020}-\\u{e007e}]+\\u{e007f}',
    // Forms of a character that people write their names with.
    '(?<=\\p{Script=Han})[\\ufe00-\\ufe02\\u{e0100}-\\u{e01ef}]|(?<=\\p{Script=Mongolian})[\\u180b-\\u180f]',
  ].join('|'),
  'gu',
)

/** Rules of the names of people and groups. */
export const nameRules = (refuse: GalleryRefusal, { textsOf, checkOptions }: ArgumentRules) => {
  /** Composed (NFC), without spaces at its ends: as names and groups are compared. Throws USE. */
  function normalName(text: unknown, what = 'a name'): string {
    if (typeof text === 'string') return text.normalize('NFC').trim()
    throw refuse('USE', `${what} is text, not ${kindOf(text)}`)
  }

  /**
   * A name or a group as it is stored. Names are never paths, so any character goes but control characters, halves of
   * surrogate pairs, and what cannot be seen: zero-width characters, overrides of the direction. Throws NAME, USE (no text).
   */
  const cleanName = (text: unknown, what = 'a name'): string => cleanText(text, what, 'NAME')

  /** Any text that is shown on a line, as names. Throws USE (no text), and what is said. */
  function cleanText(text: unknown, what: string, trouble: GalleryTrouble): string {
    const name = normalName(text, what)
    const [hidden] = name.replace(WANTED, '').match(HIDDEN) ?? []
    if (name !== '' && name.length <= LENGTH && hidden === undefined) return name
    const why = hidden === undefined ? '' : `; take ${escaped(hidden)} out`
    throw refuse(
      trouble,
      `${JSON.stringify(visibleName(name.slice(0, 60)))}: ${what} has 1 to ${LENGTH} characters, none of them a control character or one that cannot be seen${why}`,
    )
  }

  /** Groups as they are stored: each once, in order. Throws NAME, USE. */
  const cleanGroups = (groups: readonly string[]) =>
    [...new Set(textsOf(groups, 'groups').map((group) => cleanName(group, 'a group')))].sort()

  /** The groups of a filter, none where all are meant. Throws USE, NAME. */
  function groupsOf(filter: Filter | undefined): readonly string[] {
    if (filter === undefined) return []
    checkOptions('filter', filter, { groups: 'any' })
    return filter.groups === undefined ? [] : cleanGroups(filter.groups)
  }

  return { normalName, cleanName, cleanText, cleanGroups, groupsOf }
}

export type NameRules = ReturnType<typeof nameRules>

/** With what may not be stored written out, as `\u{200b}`: of a gallery that was made before that was looked at. */
export function visibleName(text: string): string {
  const wanted = new Set(
    [...text.matchAll(WANTED)].flatMap(({ 0: run, index }) =>
      [...Array(run.length).keys()].map((k) => index + k),
    ),
  )
  return text.replace(HIDDEN, (character, at: number) =>
    wanted.has(at) ? character : escaped(character),
  )
}

const escaped = (character: string) => `\\u{${character.codePointAt(0)!.toString(16)}}`
