// Does to a plain Debian in a folder what deploy/Dockerfile says, starts the server there as the image would, and asks it.
// Where no container engine runs; needs root, debootstrap, Debian's mirror and npm's registry, and minutes.
//   npm run build && node scripts/test-image.mjs [folder to work in; a base system that is there is taken]
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { stagesOf } from './image/stages.mjs'

const ROOT = join(import.meta.dirname, '..')
const CONTEXT = join(ROOT, 'deploy')
const given = process.argv[2]
const work = given ?? mkdtempSync(join(tmpdir(), 'image-'))
const step = (text) => console.log(`[${new Date().toISOString().slice(11, 19)}] ${text}`)
const run = (command, args, options) =>
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], ...options })

run('node', [join(CONTEXT, 'pack.mjs')])
const stages = stagesOf(readFileSync(join(CONTEXT, 'Dockerfile'), 'utf8'))
const folders = new Map()
for (const stage of stages) {
  const [, suite] = /^debian:(\w+)-slim$/.exec(stage.image)
  const base = join(work, `base-${suite}`)
  if (!existsSync(join(base, 'etc/debian_version'))) {
    step(`debian:${suite} by debootstrap`)
    run('debootstrap', ['--variant=minbase', suite, base, 'http://deb.debian.org/debian'])
  }
  const folder = join(work, `stage-${stages.indexOf(stage)}`)
  rmSync(folder, { recursive: true, force: true })
  run('cp', ['-a', base, folder])
  folders.set(stage.name, folder)
  build(stage, folder)
}
const image = stages.at(-1)
const folder = folders.get(image.name)
const bytes = execFileSync('du', ['-sm', folder], { encoding: 'utf8' }).split('\t')[0]
step(`the image: ${bytes} MB, to run as ${image.user}`)
try {
  await use()
} finally {
  if (given === undefined) rmSync(work, { recursive: true, force: true })
}

/** The steps of a stage, in its folder. */
function build(stage, folder) {
  cpSync('/etc/resolv.conf', join(folder, 'etc/resolv.conf'))
  // As a builder hands on a proxy: what its certificate is signed by.
  const certificates = process.env.NODE_EXTRA_CA_CERTS
  if (certificates)
    cpSync(certificates, join(folder, 'run/certificates.pem'), { dereference: true })
  const brought = certificates ? { NODE_EXTRA_CA_CERTS: '/run/certificates.pem' } : {}
  for (const { keyword, text, from, paths, env, workdir } of stage.steps) {
    step(`${keyword} ${text.replace(/\s+/g, ' ').slice(0, 110)}`)
    mkdirSync(join(folder, workdir), { recursive: true })
    if (keyword === 'RUN')
      run('chroot', [
        folder,
        'env',
        '-i',
        ...pairs({ ...env, ...brought }),
        'sh',
        '-c',
        `cd ${workdir} && ${text}`,
      ])
    if (keyword === 'COPY') {
      const [source, target] = paths
      mkdirSync(join(folder, target), { recursive: true })
      run('cp', [
        '-a',
        `${join(from ? folders.get(from) : CONTEXT, source)}/.`,
        join(folder, target),
      ])
    }
  }
  rmSync(join(folder, 'run/certificates.pem'), { force: true })
}

/** Starts it with a root that may not be written, the models as a volume, and a key; asks, and ends it. */
async function use() {
  const [models, data] = [join(work, 'models'), join(work, 'data')]
  for (const one of [models, data]) rmSync(one, { recursive: true, force: true })
  mkdirSync(data)
  const cache = process.env.ARCFACE_CACHE ?? join(homedir(), '.cache/arcface')
  cpSync(cache, models, { recursive: true })
  run('chown', ['-R', image.user, models, data])
  const inside = (...command) => [
    '--mount',
    'sh',
    '-c',
    [
      `mount --bind ${folder} ${folder}`,
      `mount -o remount,bind,ro ${folder}`,
      `mount -t proc proc ${folder}/proc`,
      `mount --rbind /dev ${folder}/dev`,
      `mount -t tmpfs -o mode=1777 tmpfs ${folder}/tmp`,
      `mount --bind ${data} ${folder}/data`,
      `mount --bind ${models} ${folder}/models`,
      `mount -o remount,bind,ro ${folder}/models`,
      'cd /',
      'exec "$@"',
    ].join(' && '),
    'sh',
    ...['chroot', `--userspec=${image.user}`, folder, 'env', '-i', `--chdir=${image.workdir}`],
    ...pairs(image.env),
    ...command,
  ]
  const say = (...command) => execFileSync('unshare', inside(...command), { encoding: 'utf8' })
  if (
    say('sh', '-c', 'touch /opt/x 2>&1 || true; id -u').split('\n').at(-2) !==
    image.user.split(':')[0]
  )
    throw new Error('it does not run as its user')
  if (!/read-only/i.test(say('sh', '-c', 'touch /opt/x 2>&1 || true')))
    throw new Error('its root may be written')
  const key = JSON.parse(
    say(
      ...image.entrypoint,
      'keys',
      'create',
      'test',
      '--scope',
      'admin',
      '--scope',
      'identify',
      '--json',
    ),
  ).key
  const start = performance.now()
  const server = spawn('unshare', inside(...image.entrypoint, ...image.cmd), { stdio: 'inherit' })
  const ended = new Promise((done) => server.on('close', done))
  try {
    const url = 'http://127.0.0.1:8000'
    const asked = (path, options) =>
      fetch(url + path, options).then(
        ({ status }) => status,
        () => 0,
      )
    while ((await asked('/ready')) !== 200) {
      if (server.exitCode !== null || performance.now() - start > 60_000)
        throw new Error('not ready')
      await new Promise((done) => setTimeout(done, 100))
    }
    step(`ready after ${((performance.now() - start) / 1000).toFixed(1)} s`)
    say(...image.healthcheck)
    step('its HEALTHCHECK says that it lives')
    const photo = readFileSync(join(ROOT, 'scripts/packages/use/noise.png'))
    const body = { method: 'POST', body: photo, headers: { 'content-type': 'image/png' } }
    const known = { ...body, headers: { ...body.headers, 'x-api-key': key } }
    const made = {
      method: 'POST',
      body: '{"name":"people"}',
      headers: { 'content-type': 'application/json', 'x-api-key': key },
    }
    const statuses = [
      await asked('/v1/detect', body),
      await asked('/v1/detect', known),
      await asked('/v1/galleries', made),
    ]
    step(`without a key, a photograph, a gallery: ${statuses.join(', ')}`)
    if (statuses.join() !== '401,200,201') throw new Error('401, 200 and 201 were to be')
  } finally {
    server.kill('SIGTERM')
  }
  const code = await ended
  step(`after SIGTERM it ended with ${code}`)
  if (code !== 0) throw new Error('0 was to be')
}

function pairs(env) {
  return Object.entries({
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ...env,
  }).map(([name, value]) => `${name}=${value}`)
}
