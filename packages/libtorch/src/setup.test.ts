import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { buildAddon } from './setup.js'

it('what does not build says the command that brings what is missing, and is tried again as a whole', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'setup-'))
  mkdirSync(join(folder, 'native'))
  const lists = join(folder, 'native', 'CMakeLists.txt')
  const project = 'cmake_minimum_required(VERSION 3.18)\nproject(nothing NONE)\n'
  writeFileSync(lists, `${project}message(FATAL_ERROR "no libtorch")\n`)
  await expect(buildAddon('A bridge', folder)).rejects.toMatchObject({
    code: 'TORCH_SETUP',
    message: expect.stringMatching(/^A bridge: does not build/),
    hint: expect.stringMatching(/libtorch|pytorch|torch/),
  })
  writeFileSync(lists, project)
  await buildAddon('A bridge', folder)
  await buildAddon('A bridge', folder)
  rmSync(folder, { recursive: true })
})

it('a folder that is not there, or of another user, is no stack', async () => {
  await expect(buildAddon('A bridge', join(tmpdir(), 'not-there'))).rejects.toMatchObject({
    code: 'TORCH_SETUP',
  })
})
