/** From the root of a machine, two folders deep at least: no part of an address, a fraction or a tag of HTML. */
const UNIX = /(?<![\p{L}\p{N}_.:/<>~)-])\/(?:[\p{L}\p{N}_.@+~-]+\/)+[\p{L}\p{N}_.@+~-]*/gu
/** `C:\...`, in JSON with doubled backslashes; `\\server\share`. */
const WINDOWS = /(?<![\p{L}\p{N}])(?:[A-Za-z]:|\\\\[\w.-]+)(?:\\{1,2}[\p{L}\p{N}_.@+~ -]+)+/gu
/** A picture within a page or a list. */
const PICTURE = /data:image\/(?:jpeg|png|webp|gif|avif|bmp);base64,[A-Za-z0-9+/]{64}/g

/** Absolute paths in a text, each once. */
export const pathsIn = (text: string): string[] => [
  ...new Set([...text.matchAll(UNIX), ...text.matchAll(WINDOWS)].map(([path]) => path)),
]

/** How many pictures stand in a text. */
export const picturesIn = (text: string): number => [...text.matchAll(PICTURE)].length

/** What is embedded in a page goes: its letters are none of a path or a name. */
export const withoutData = (text: string): string =>
  text.replace(/(data:[\w/+.-]+;base64,)[A-Za-z0-9+/=]*/g, '$1')

/** What a name in a text ends at: quotes, commas, the parts of a path. */
const PARTS = /["'`,;:<>/\\[\]{}()=|\t\r\n]+/

/** Which of some names stand in a text, as wholes. */
export function namesIn(text: string, names: ReadonlySet<string>): Set<string> {
  const found = new Set<string>()
  if (names.size === 0) return found
  for (const part of text.split(PARTS)) {
    const name = part.trim()
    if (names.has(name)) found.add(name)
  }
  return found
}

/** Whether it may name somebody: a number, with a word before it at most (`person_0007`), does not. */
export const isName = (name: string): boolean => !/^(?:[a-z]*[\W_])?\d+$/i.test(name)
