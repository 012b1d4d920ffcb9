import { describe, expect, it } from 'vitest'
import { isName, namesIn, pathsIn, picturesIn, withoutData } from './text.js'

describe('absolute paths', () => {
  it.each([
    ['output: /home/ada/runs/first', ['/home/ada/runs/first']],
    ['{"roots":["/data/Ann Lee/faces","/data/b"]}', ['/data/Ann', '/data/b']],
    ['at C:\\Users\\Dev\\torch\\nn.py(12)', ['C:\\Users\\Dev\\torch\\nn.py']],
    ['{"a":"C:\\\\Users\\\\Dev\\\\x"}', ['C:\\\\Users\\\\Dev\\\\x']],
    ['\\\\server\\share\\faces', ['\\\\server\\share\\faces']],
    ['(/Users/müller/x/, /Users/müller/x/)', ['/Users/müller/x/']],
  ])('%s', (text, paths) => {
    expect(pathsIn(text)).toEqual(paths)
  })

  it.each([
    'https://example.org/models/face.onnx and file.html#/a',
    'faces/pins/ann/1.jpg ./runs/first/config.yaml ../shared/faces ~/runs/first/a',
    '<p>a</p></div> 16px/1.5/2 text/html; 3/4/5 M1 2/3 /etc and/or/else',
    'step:10 loss: 0.5 C: a\\b',
  ])('none in %s', (text) => {
    expect(pathsIn(text)).toEqual([])
  })
})

it('pictures within a page are counted; addresses of pictures are none', () => {
  const picture = `<img src="data:image/jpeg;base64,${'A'.repeat(100)}">`
  expect(picturesIn(`${picture}\n${picture}`)).toBe(2)
  expect(picturesIn('<img src="a.jpg"> data:image/png;base64,')).toBe(0)
})

it('the letters of what is embedded are no text', () => {
  const page = '<img src="data:image/jpeg;base64,/9j/2wBDAA/Bo/UDBA+a==">/home/ada/x'
  expect(withoutData(page)).toBe('<img src="data:image/jpeg;base64,">/home/ada/x')
})

it('names are found as wholes, as parts of a path too', () => {
  const names = new Set(['Ann Lee', 'Bo', 'Zoë'])
  const found = namesIn('a: "Ann Lee"\nfaces/Zoë/1.jpg, Bob, Bonn', names)
  expect([...found].sort()).toEqual(['Ann Lee', 'Zoë'])
  expect(namesIn('Ann Lee', new Set()).size).toBe(0)
})

it('numbers name nobody', () => {
  expect(['12', '0007', 'person_0007', 'id-3', 'celeba_07310'].filter(isName)).toEqual([])
  expect(['Ann', 'Ann Lee', 'ann_lee_1999', 'Brian_J._Smith', '山田'].filter(isName)).toHaveLength(
    5,
  )
})
