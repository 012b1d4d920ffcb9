// Empty projects outside the repository, into which packages are installed as a stranger does it.
import { execFile } from 'node:child_process'
import { lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const FLAGS = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']

/** onnxruntime-node's post-install looks for CUDA's files on the network; what the CPU needs ships in its package. */
const environment = { ...process.env, npm_config_ignore_scripts: 'true' }

/** @throws with what npm said */
export async function npm(folder, args) {
  mkdirSync(folder, { recursive: true })
  await call('npm', [...args, ...FLAGS], { cwd: folder, shell: process.platform === 'win32' })
}

async function call(command, args, options) {
  try {
    return (await execute(command, args, { env: environment, maxBuffer: 1 << 26, ...options }))
      .stdout
  } catch ({ stdout, stderr, message }) {
    throw new Error(`${[command, ...args].join(' ')}\n${stdout}${stderr || message}`)
  }
}

export class Project {
  /** Of what runs in it, besides the usual. */
  env = {}

  /** @param setting of npm, for the registry that has the rooms */
  constructor(folder, setting) {
    this.folder = folder
    this.setting = setting
    mkdirSync(folder, { recursive: true })
    this.write('package.json', JSON.stringify({ private: true, type: 'module' }))
  }

  write(name, text) {
    writeFileSync(join(this.folder, name), text)
  }

  async install(...names) {
    await npm(this.folder, ['install', this.setting, ...names])
  }

  /** @returns what it prints */
  run([command, ...args], ...more) {
    const env = {
      ...environment,
      // Nothing that this computer has already.
      ARCFACE_CACHE: join(this.folder, 'no-cache'),
      NODE_PATH: '',
      ...this.env,
    }
    return call(command, [...args, ...more], { cwd: this.folder, env, timeout: 900_000 })
  }

  /** Of what was installed, in bytes. */
  size() {
    return sizeOf(join(this.folder, 'node_modules'))
  }
}

export function sizeOf(path) {
  const stat = lstatSync(path)
  if (!stat.isDirectory()) return stat.size
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
}
