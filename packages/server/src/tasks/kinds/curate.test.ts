import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Workspace } from '../../workspace/workspace.js'
import { TaskPlace } from '../kind.js'
import { curate } from './curate.js'
import { suspects } from './suspects.js'

const folder = mkdtempSync(join(tmpdir(), 'kinds-'))
const at = new TaskPlace(new Workspace(folder), 'tasks/7')
for (const name of ['faces', '-odd', 'test', 'run']) mkdirSync(join(folder, name))
symlinkSync(tmpdir(), join(folder, 'away'))

it('suspects is the command, with its files in the folder of the task', () => {
  const roots = ['faces', '-odd']
  const more = { run: 'run', against: 'test' }
  expect(suspects.command({ kind: 'suspects', roots, model: 'faceplugin', ...more }, at)).toEqual([
    ...['data', 'suspects', 'faces', './-odd', '--model', 'faceplugin', '--run', 'run'],
    ...['--against', 'test', '--out', 'tasks/7/suspects', '--json'],
  ])
  for (const root of ['away', '../x', '/etc', 'none'])
    expect(() => suspects.command({ roots: [root] }, at)).toThrow(/roots/)
})

it('curate takes decisions about what lies in the workspace', () => {
  const given = (value: unknown) => {
    writeFileSync(join(folder, 'd.json'), typeof value === 'string' ? value : JSON.stringify(value))
    return curate.command({ decisions: 'd.json', out: 'list.txt' }, at)
  }
  const drop = (image: string) => [{ image, decision: 'drop' }]
  expect(given({ roots: ['faces'], decisions: drop('faces/a/1.jpg') })).toEqual([
    ...['data', 'curate', 'd.json', 'list.txt', '--json'],
  ])
  for (const wrong of [
    'x',
    { roots: ['/etc'], decisions: [] },
    { roots: ['away'], decisions: [] },
    { roots: ['faces'], list: '../l.txt', decisions: [] },
    { roots: ['faces'], decisions: drop('/etc/passwd') },
  ])
    expect(() => given(wrong)).toThrow(expect.objectContaining({ code: 'SERVER_REQUEST' }))
  expect(() => curate.command({ decisions: 'none.json', out: 'x' }, at)).toThrow(
    expect.objectContaining({ code: 'SERVER_MISSING' }),
  )
})
