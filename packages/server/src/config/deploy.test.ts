import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { REPOSITORY } from '@arcface/testing'
import { DockerfileParser } from 'dockerfile-ast'
import { ValidationSeverity, validate } from 'dockerfile-utils'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { checkConfig } from './load.js'

// What an engine or a cluster would say of deploy/, as far as that can be said without one.

const read = (name: string) => readFileSync(join(REPOSITORY, 'deploy', name), 'utf8')

describe('the Dockerfile', () => {
  const text = read('Dockerfile')

  /** What Docker's own language server has against it, and what an image should not do. */
  function faultsOf(dockerfile: string): string[] {
    const { ERROR } = ValidationSeverity
    const faults = validate(dockerfile, {
      deprecatedMaintainer: ERROR,
      directiveCasing: ERROR,
      emptyContinuationLine: ERROR,
      instructionCasing: ERROR,
      instructionCmdMultiple: ERROR,
      instructionEntrypointMultiple: ERROR,
      instructionHealthcheckMultiple: ERROR,
      instructionJSONInSingleQuotes: ERROR,
      instructionWorkdirRelative: ERROR,
    }).map(({ message }) => String(message))
    const parsed = DockerfileParser.parse(dockerfile)
    for (const from of parsed.getFROMs())
      if (!from.getImageTag() || from.getImageTag() === 'latest')
        faults.push('a base without a tag')
    const rest = parsed.getInstructions()
    const last = rest.slice(rest.findLastIndex((one) => one.getKeyword() === 'FROM'))
    const of = (keyword: string) => last.find((one) => one.getKeyword() === keyword)
    const user = of('USER')?.getRawArgumentsContent() ?? 'root'
    if (!/^[1-9]\d*:[1-9]\d*$/.test(user)) faults.push('it runs as root, or as a name')
    for (const keyword of ['HEALTHCHECK', 'ENTRYPOINT', 'CMD'])
      if (!of(keyword)?.getRawArgumentsContent()?.includes('['))
        faults.push(`no ${keyword} by words`)
    for (const run of rest.filter((one) => one.getKeyword() === 'RUN')) {
      const command = run.getRawArgumentsContent() ?? ''
      if (!command.includes('apt-get')) continue
      if (!/--no-install-recommends/.test(command))
        faults.push('apt-get brings what is not asked for')
      if (!/rm -rf \/var\/lib\/apt\/lists/.test(command)) faults.push('apt-get leaves its lists')
    }
    if (/(SECRET|PASSWORD|TOKEN)\w*=/.test(dockerfile)) faults.push('a secret in a layer')
    return faults
  }

  it('has no fault', () => expect(faultsOf(text)).toEqual([]))

  it.each([
    ['USER 10001:10001', ''],
    ['USER 10001:10001', 'USER root'],
    ['debian:trixie-slim AS install', 'debian AS install'],
    ['WORKDIR /data', 'WORKDIR data'],
    ['HEALTHCHECK', '# HEALTHCHECK'],
    ['ENTRYPOINT ["arcface"]', 'ENTRYPOINT arcface'],
    [' --no-install-recommends', ''],
    ['ENV NODE_ENV', 'ENVV NODE_ENV'],
    ['NODE_ENV=production', 'AWS_SECRET_ACCESS_KEY=x'],
  ])('with %j as %j it has one', (part, other) => {
    expect(text).toContain(part)
    expect(faultsOf(text.replace(part, other))).not.toEqual([])
  })
})

describe('the compose file', () => {
  const text = read('compose.yaml')
  const words = z.array(z.string())
  const service = z.strictObject({
    image: z.string().regex(/:(?!latest$)[\w.-]+$/),
    build: z.string(),
    command: words,
    restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']),
    ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/)),
    env_file: z.array(z.strictObject({ path: z.string(), required: z.boolean() })),
    volumes: z.array(z.string().regex(/^\w+:\/\w+$/)),
    read_only: z.literal(true),
    tmpfs: words,
    user: z.string().regex(/^[1-9]\d*:[1-9]\d*$/),
    cap_drop: z.tuple([z.literal('ALL')]),
    security_opt: z.tuple([z.literal('no-new-privileges:true')]),
    pids_limit: z.int().positive(),
    stop_grace_period: z.string().regex(/^\d+s$/),
    deploy: z.strictObject({
      resources: z.strictObject({
        limits: z.strictObject({ cpus: z.string(), memory: z.string().regex(/^\d+[mg]$/) }),
      }),
    }),
    logging: z.strictObject({ driver: z.string() }),
  })
  const file = z.strictObject({
    name: z.string(),
    services: z.record(z.string(), service),
    volumes: z.record(z.string(), z.null()),
  })

  it('is one, in which every volume is declared, and which runs the image as it is made', () => {
    const { services, volumes } = file.parse(parse(text))
    const { server } = services
    expect(server!.volumes.map((one) => one.split(':')[0])).toEqual(Object.keys(volumes))
    const dockerfile = read('Dockerfile')
    expect(dockerfile).toContain(`USER ${server!.user}`)
    const places = server!.volumes.map((one) => one.split(':')[1])
    expect(dockerfile).toContain(`VOLUME ${JSON.stringify(places).replace(',', ', ')}`)
    expect(dockerfile).toContain(`EXPOSE ${server!.ports[0]!.split(':').at(-1)}`)
    const seconds = Number.parseInt(server!.stop_grace_period, 10)
    const { leaveSeconds, finishSeconds } = checkConfig({}).stop
    expect(seconds).toBeGreaterThan(leaveSeconds + finishSeconds)
  })

  it.each([
    ['read_only: true', 'read_only: false'],
    ['read_only', 'readonly'],
    ["'127.0.0.1:8000:8000'", "'8000:8000'"],
    ['arcface:0.1.0', 'arcface:latest'],
    ['memory: 4g', 'memory: many'],
  ])('with %j as %j it is none', (part, other) => {
    expect(text).toContain(part)
    expect(file.safeParse(parse(text.replace(part, other))).success).toBe(false)
  })
})

interface Manifest {
  kind: string
  metadata: { name: string; namespace: string }
  [key: string]: unknown
}

describe('the manifest of Kubernetes', () => {
  const text = read('kubernetes.yaml')
  const manifests = (of: string) =>
    parseAllDocuments(of, { merge: true }).map((one) => one.toJS() as Manifest)
  const MODULES: Record<string, string> = {
    Deployment: 'apps/v1',
    PodDisruptionBudget: 'policy/v1',
    ServiceAccount: 'v1',
    ConfigMap: 'v1',
    Service: 'v1',
  }

  /** What the API's types, as the compiler reads them, have against it: also keys that it does not know. */
  function faultsOf(of: string): string[] {
    const lines = manifests(of).flatMap((one, i) => [
      `import type { I${one.kind} as I${i} } from 'kubernetes-models/${MODULES[one.kind]}'`,
      `export const m${i}: I${i} = ${JSON.stringify(one)}`,
    ])
    const name = join(import.meta.dirname, 'manifests.ts')
    const options: ts.CompilerOptions = {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      types: [],
    }
    const host = ts.createCompilerHost(options)
    const { getSourceFile, fileExists } = host
    host.fileExists = (path) => path === name || fileExists(path)
    host.getSourceFile = (path, ...rest) =>
      path === name
        ? ts.createSourceFile(path, lines.join('\n'), ts.ScriptTarget.ESNext)
        : getSourceFile(path, ...rest)
    return ts
      .getPreEmitDiagnostics(ts.createProgram([name], options, host))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))
  }

  it('is what the API takes', () => expect(faultsOf(text)).toEqual([]))

  it.each([
    ['readinessProbe', 'readynessProbe'],
    ['replicas: 2', 'replicas: two'],
    ['minAvailable: 1', 'minAvailabel: 1'],
    ['matchLabels', 'matchLabel'],
    ['secretRef', 'secret'],
  ])('with %j as %j it is not', (part, other) => {
    expect(text).toContain(part)
    expect(faultsOf(text.replaceAll(part, other))).not.toEqual([])
  })

  it('finds its own pods, and bounds and locks every container', async () => {
    const { Deployment } = await import('kubernetes-models/apps/v1')
    const { PodDisruptionBudget } = await import('kubernetes-models/policy/v1')
    const { Service } = await import('kubernetes-models/v1')
    const all = manifests(text)
    const of = (kind: string) => all.find((one) => one.kind === kind) as never
    const deployment = new Deployment(of('Deployment'))
    const budget = new PodDisruptionBudget(of('PodDisruptionBudget'))
    const service = new Service(of('Service'))
    for (const one of [deployment, budget, service]) one.validate()
    const { template, selector, replicas } = deployment.spec!
    const { labels } = template.metadata!
    for (const found of [selector, budget.spec!.selector!])
      expect(labels).toMatchObject(found.matchLabels!)
    expect(labels).toMatchObject(service.spec!.selector!)
    expect(replicas).toBeGreaterThan(Number(budget.spec!.minAvailable))
    const pod = template.spec!
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 10001 })
    const volumes = new Set(pod.volumes!.map(({ name }) => name))
    for (const container of [...pod.containers, ...pod.initContainers!]) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
      expect(Object.keys(container.resources!.limits!).sort()).toEqual(['cpu', 'memory'])
      for (const { name } of container.volumeMounts!) expect(volumes).toContain(name)
      expect(container.env).toBeUndefined()
    }
    const [server] = pod.containers
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'] as const)
      expect(server![probe]!.httpGet!.port).toBe(server!.ports![0]!.name)
    expect(all.every(({ kind }) => kind !== 'Secret')).toBe(true)
    const names = all.map(({ metadata }) => metadata.namespace)
    expect(new Set(names).size).toBe(1)
  })

  it('has a configuration that a server takes, whose stop is over before its pod’s', () => {
    const of = (kind: string) => manifests(text).find((one) => one.kind === kind) as never
    const { data } = of('ConfigMap') as { data: Record<string, string> }
    const { stop, galleries } = checkConfig(parse(data['server.yaml']!))
    expect(galleries).toMatch(/^s3:/)
    const { spec } = of('Deployment') as {
      spec: { template: { spec: { terminationGracePeriodSeconds: number } } }
    }
    const grace = spec.template.spec.terminationGracePeriodSeconds
    expect(grace).toBeGreaterThan(stop.leaveSeconds + stop.finishSeconds)
  })
})
