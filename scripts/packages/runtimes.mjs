// What runs JavaScript: three Nodes, Bun and Deno, as npm brings them.
import { join } from 'node:path'
import { npm } from './project.mjs'

const { platform, arch } = process
const system = platform === 'win32' ? 'win' : platform
const exe = platform === 'win32' ? '.exe' : ''

const node = (version) => ({
  package: `npm:node-${system}-${arch}@${version}`,
  file: platform === 'win32' ? 'bin/node.exe' : 'bin/node',
  args: [],
})

/** The oldest that we promise, and the newest of each line at the time of writing. */
const RUNTIMES = {
  'node 20.15': node('20.15.0'),
  'node 22': node('22.23.3'),
  'node 24': node('24.21.0'),
  bun: {
    package: `npm:@oven/bun-${platform === 'win32' ? 'windows' : platform}-${arch === 'arm64' ? 'aarch64' : arch}@1.4.5`,
    file: `bin/bun${exe}`,
    args: [],
  },
  deno: {
    package: `npm:@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}@2.9.6`,
    file: `deno${exe}`,
    args: ['run', '--allow-all', '--no-prompt'],
  },
}

/** Too old for us; it has to hear so. */
const OLD = node('18.20.8')

/**
 * Installs them below `folder`.
 * @returns {Promise<{runtimes: {name: string, command: string[]}[], old: string[]}>} commands that a file's name completes
 */
export async function bringRuntimes(folder) {
  const alias = (name) => name.replace(' ', '-')
  const command = (name, { file, args }) => [
    join(folder, 'node_modules', alias(name), file),
    ...args,
  ]
  const all = Object.entries({ ...RUNTIMES, old: OLD })
  await npm(folder, ['install', ...all.map(([name, one]) => `${alias(name)}@${one.package}`)])
  return {
    runtimes: Object.entries(RUNTIMES).map(([name, one]) => ({
      name,
      command: command(name, one),
    })),
    old: command('old', OLD),
  }
}
