import { mkdirSync, mkdtempSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Workspace } from '../../workspace/workspace.js'
import { TaskPlace } from '../kind.js'
import { ablate, resume, train } from './train.js'

const folder = mkdtempSync(join(tmpdir(), 'kinds-'))
const at = new TaskPlace(new Workspace(folder), 'tasks/7')
for (const name of ['faces', 'runs/a', 'tasks/7'])
  mkdirSync(join(folder, name), { recursive: true })
symlinkSync(tmpdir(), join(folder, 'away'))

it('a training is the command, with its configuration in the folder of the task', () => {
  const config = 'output: runs/b\ndata: { roots: [faces] }\nmodel: { backbone: r18 }\n'
  expect(train.command({ config }, at)).toEqual(['train', 'tasks/7/config.yaml', '--json'])
  expect(ablate.command({ config }, at)).toEqual(['ablate', 'tasks/7/config.yaml', '--json'])
  const path = join(folder, 'tasks/7/config.yaml')
  expect(readFileSync(path, 'utf8')).toBe(config)
  if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600)
})

it('refuses a configuration that leaves the workspace', () => {
  for (const config of [
    'output: /tmp/x',
    'output: ../x',
    'data: { roots: [away] }',
    'data: { roots: [./away] }',
    'data: { roots: [away/] }',
    'data: { roots: [faces/.//../x] }',
    'data: { roots: [.//away//x] }',
    'verify: { sets: [{ name: a, pairs: "C:\\\\x" }] }',
    'a: [1',
  ])
    for (const kind of [train, ablate])
      expect(() => kind.command({ config }, at), config).toThrow(
        expect.objectContaining({ code: 'SERVER_REQUEST' }),
      )
})

it('goes on with a run of the workspace', () => {
  const run = ['train', '--resume', 'runs/a']
  expect(resume.command({ run: 'runs/a' }, at)).toEqual([...run, '--json'])
  expect(resume.command({ run: 'runs/a', epochs: 9 }, at)).toEqual([
    ...run,
    ...['--set', 'train.epochs=9', '--json'],
  ])
  expect(() => resume.command({ run: 'runs/none' }, at)).toThrow(
    expect.objectContaining({ code: 'SERVER_MISSING' }),
  )
})
