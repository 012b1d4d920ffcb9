import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checkNode } from './node.js'

const manifest = new URL('../package.json', import.meta.url)
const { engines } = JSON.parse(readFileSync(manifest, 'utf8')) as { engines: { node: string } }
const [major, minor] = engines.node.replace('>=', '').split('.').map(Number) as [number, number]

test('A Node older than `engines` is refused with what to do, that one and newer ones are not', () => {
  for (const old of [`${major}.${minor - 1}.9`, `${major - 2}.99.0`])
    expect(() => checkNode(old)).toThrow(
      expect.objectContaining({ code: 'FILES_NODE', hint: expect.stringMatching(/https:/) }),
    )
  for (const fit of [`${major}.${minor}.0`, `${major}.${minor + 1}.0`, `${major + 4}.0.0`])
    checkNode(fit)
})
