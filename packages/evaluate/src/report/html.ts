/** Markup that may stand in a page: only `html` makes it, and this room's charts. Others know it as a type. */
export class Html {
  constructor(private readonly markup: string) {}

  /** The markup itself, to be written into a file. */
  toString(): string {
    return this.markup
  }
}

/** What `html` takes: text and numbers, which are escaped, markup, which is not, lists of them, and nothing. */
export type Content = Html | string | number | false | undefined | readonly Content[]

/**
 * Markup with whatever is put into it escaped, unless it is markup itself: safe as text and in quoted attributes, but
 * not within `<style>` and `<script>`.
 */
export const html = (strings: TemplateStringsArray, ...contents: readonly Content[]): Html =>
  raw(strings.map((text, i) => text + written(contents[i])).join(''))

/** Parts with a line end between them. */
export const lines = (parts: readonly Content[]): Html => raw(parts.map(written).join('\n'))

/** Markup that our own code drew, as it is. Nothing that came from outside may be in it unescaped. */
export const raw = (markup: string): Html => new Html(markup)

function written(content: Content): string {
  if (content === undefined || content === false) return ''
  if (content instanceof Html) return content.toString()
  return typeof content === 'object' ? content.map(written).join('') : escaped(`${content}`)
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** What turns the order of the text around it, hides in it, or is obeyed where somebody prints the page's source. */
const UNSEEN = /[^\P{Cc}\n\t]|[\p{Bidi_Control}\u200b\u2060\ufeff]/gu

/** Text made safe to stand in markup and in attributes; what nobody sees is written out, as `\u202e`. */
const escaped = (text: string): string =>
  text
    .replace(/[&<>"']/g, (character) => ENTITIES[character]!)
    .replace(UNSEEN, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
