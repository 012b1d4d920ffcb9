import { describe, expect, it } from 'vitest'
import { visibleName } from './names.js'
import { galleryRules } from './rules.js'

/** As a room makes its own errors. */
const { cleanName } = galleryRules((trouble, message) =>
  Object.assign(new Error(message), { code: trouble }),
)

/** By character: the tests must not hide what they are about. */
const text = (...codes: (number | string)[]) =>
  codes.map((one) => (typeof one === 'number' ? String.fromCodePoint(one) : one)).join('')

const hidden = {
  'right-to-left override': text('Ada', 0x202e),
  isolate: text('A', 0x2066, 'da', 0x2069),
  'zero-width space': text('A', 0x200b, 'da'),
  'joiner between Latin letters': text('A', 0x200d, 'da'),
  'non-joiner at the end of an Arabic word': text(0x645, 0x6cc, 0x200c),
  'byte order mark': text('Ada', 0xfeff, 'L'),
  'soft hyphen': text('A', 0xad, 'da'),
  'Hangul filler': text('Ada', 0x3164),
  'variation selector on a letter': text('A', 0xfe0f, 'da'),
  'tags on a letter': text('Ada', 0xe0041),
  'line separator': text('A', 0x2028, 'da'),
  'terminal escape': text('A', 0x1b, '[2Jda'),
  'C1 control': text('A', 0x9b, '2Jda'),
  'half of a pair': text('A', 0xd800, 'da'),
}

const seen = {
  'Persian with a non-joiner': text(0x645, 0x6cc, 0x200c, 0x62e, 0x648),
  'Hindi with a joiner': text(0x915, 0x94d, 0x200d, 0x937),
  'astronaut of three pictures': text(0x1f469, 0x1f3fd, 0x200d, 0x1f680),
  'heart as a picture': text(0x2764, 0xfe0f),
  'flag of Scotland': text(0x1f3f4, 0xe0067, 0xe0062, 0xe0073, 0xe0063, 0xe0074, 0xe007f),
  'Japanese with a form of a character': text(0x845b, 0xe0100, 0x98fe),
  Hebrew: text(0x5d3, 0x5d5, 0x5d3),
  'quotation marks and a backslash': `O'Brien "x" \\`,
}

describe('cleanName', () => {
  it.each(Object.entries(hidden))('refuses %s, and shows it in the message', (_, name) => {
    expect(() => cleanName(name)).toThrow(
      expect.objectContaining({
        code: 'NAME',
        message: expect.stringMatching(/\\u\{[0-9a-f]+\}.*; take \\u\{[0-9a-f]+\} out$/),
      }),
    )
    // What is shown can be stored, and is another's than the name without it.
    const shown = visibleName(name)
    expect(cleanName(shown)).toBe(shown)
    expect(shown).not.toBe('Ada')
  })

  it.each(Object.entries(seen))('keeps %s', (_, name) => {
    expect(cleanName(name)).toBe(name.normalize('NFC'))
    expect(visibleName(name)).toBe(name)
  })

  it('refuses what is no text, and does not repeat it', () => {
    for (const odd of [undefined, null, 7, ['Ada'], { secret: 'x' }])
      expect(() => cleanName(odd)).toThrow(
        expect.objectContaining({
          code: 'USE',
          message: expect.not.stringMatching(/secret|Ada/),
        }),
      )
  })
})
