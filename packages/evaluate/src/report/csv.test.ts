import { describe, expect, it } from 'vitest'
import { csvField, csvText } from './csv.js'

describe('csvField', () => {
  it('quotes as RFC 4180 says', () => {
    expect(csvField('Ada')).toBe('Ada')
    expect(csvField('a,b')).toBe('"a,b"')
    expect(csvField('say "x"')).toBe('"say ""x"""')
    expect(csvField('a\nb')).toBe('"a\nb"')
  })

  it('leaves no formula to a spreadsheet', () => {
    for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', ' =1', '\uff1d1'])
      expect(csvField(text)).toMatch(/^"?'/)
    expect(csvField('=HYPERLINK("http://x";"y")')).toBe('"\'=HYPERLINK(""http://x"";""y"")"')
    for (const text of ['a=1', '0', 'a-b', "O'Brien", '']) expect(csvField(text)).toBe(text)
  })
})

describe('csvText', () => {
  it('leaves numbers as they are', () => {
    expect(
      csvText(
        ['name', 'x'],
        [
          ['-a', -1.5],
          ['b', 2],
        ],
      ),
    ).toBe("name,x\n'-a,-1.5\nb,2\n")
  })
})
