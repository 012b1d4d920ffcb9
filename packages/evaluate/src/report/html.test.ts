import fc from 'fast-check'
import { type DefaultTreeAdapterTypes, parseFragment } from 'parse5'
import { describe, expect, it } from 'vitest'
import { type Html, html, lines } from './html.js'
import { htmlPage, htmlTable, type Section } from './page.js'

type Element = DefaultTreeAdapterTypes.Element

/** Any characters, those of markup and those that nobody sees among them. */
const anyText = fc.string({
  unit: fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.constantFrom(...'<>&"\'`=/!-;#x \n\t\r\0', '\u202e', '\u200b', '</p>', '<!--', '&lt;'),
  ),
})

/** What a reader sees of a text: unseen characters by their numbers. */
const shown = (text: string) =>
  text.replaceAll(/[^\P{Cc}\n\t]|[\p{Bidi_Control}\u200b\u2060\ufeff]/gu, (one) => {
    const code = one.charCodeAt(0).toString(16)
    return `\\u${'0'.repeat(4 - code.length)}${code}`
  })

const parse = (markup: Html) => parseFragment(`${markup}`).childNodes as Element[]
const textOf = ({ childNodes }: Element): string =>
  childNodes.map((one) => ('value' in one ? one.value : `[${one.nodeName}]`)).join('')

describe('html', () => {
  it('makes any text inert where it stands, as a browser parses it', () => {
    fc.assert(
      fc.property(anyText, anyText, (text, title) => {
        const [first, ...rest] = parse(html`<p title="${title}" id='${title}'>${text}</p>`)
        expect(rest).toEqual([])
        expect(first!.nodeName).toBe('p')
        expect(first!.attrs).toEqual([
          { name: 'title', value: shown(title) },
          { name: 'id', value: shown(title) },
        ])
        expect(textOf(first!)).toBe(shown(text))
      }),
    )
  })

  it('keeps markup that it made, alone and in lists, and leaves out what is not there', () => {
    const deep = [1, false, undefined, html`<i>${'&'}</i>`] as const
    const items = ['<a>', html`<b>b</b>`, deep]
    expect(`${html`<p>${items}</p>`}`).toBe('<p>&lt;a&gt;<b>b</b>1<i>&amp;</i></p>')
    expect(`${lines([html`<p>`, '<', 2])}`).toBe('<p>\n&lt;\n2')
    // Markup that has become a string is text like any other.
    expect(`${html`${`${html`<b>`}`}`}`).toBe('&lt;b&gt;')
  })

  it('writes out what nobody sees', () => {
    expect(`${html`${'a\u202egpj.b\u200b\x1b[31m\n\u05d0'}`}`).toBe(
      'a\\u202egpj.b\\u200b\\u001b[31m\n\u05d0',
    )
  })

  it('is all that a page takes: a string does not compile, and is escaped where nobody compiles', () => {
    // @ts-expect-error
    const section: Section = { title: 'x', html: '<b>' }
    expect(htmlPage('x', [section])).toContain('&lt;b&gt;')
  })
})

it('a page holds the elements of its own and no others, whatever its texts are', () => {
  fc.assert(
    fc.property(anyText, anyText, anyText, (title, heading, cell) => {
      const table = htmlTable([heading, heading], [[cell, cell]])
      const page = htmlPage(title, [{ title: heading, html: html`${table}<pre>x${cell}</pre>` }])
      const names = [...page.matchAll(/<(?![/!])([^\s>]*)/g)].map(([, name]) => name)
      expect(names.filter((name) => name !== 'span')).toEqual(
        `html head meta meta title style body main h1 section h2 div table thead tr th th tbody tr th td pre`.split(
          ' ',
        ),
      )
    }),
  )
})
