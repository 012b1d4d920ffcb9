import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { findEmbedder } from './parts.js'

it('tells a run, which has to be exported, from a folder that is none', async () => {
  const room = mkdtempSync(join(tmpdir(), 'parts-'))
  const [run, photos] = [join(room, 'run'), join(room, 'photos')]
  for (const folder of [run, photos]) mkdirSync(folder)
  writeFileSync(join(run, 'config.yaml'), 'seed: 1\n')
  const refusal = (message: RegExp) => ({
    code: 'RECOGNIZE_USE',
    message: expect.stringMatching(message),
  })
  await expect(findEmbedder(run)).rejects.toMatchObject(refusal(/is a run; .*arcface export/))
  await expect(findEmbedder(photos)).rejects.toMatchObject(refusal(/is a folder, and no run/))
})
