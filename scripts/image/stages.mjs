// A Dockerfile's stages as data: what each starts from, its steps in order, and how it is run.
import { DockerfileParser } from 'dockerfile-ast'

/**
 * @param text of a Dockerfile, of the instructions that ours has
 * @returns {{name: string, image: string, user: string, workdir: string, env: Record<string, string>, entrypoint: string[],
 *   cmd: string[], healthcheck: string[], steps: {keyword: string, text: string, from: string | undefined, paths: string[],
 *   env: Record<string, string>, workdir: string}[]}[]}
 */
export function stagesOf(text) {
  const stages = []
  for (const one of DockerfileParser.parse(text).getInstructions()) {
    const keyword = one.getKeyword()
    const stage = stages.at(-1)
    const words = one.getArguments().map((argument) => argument.getValue())
    if (keyword === 'FROM')
      stages.push({
        name: one.getBuildStage() ?? String(stages.length),
        image: one.getImage(),
        user: '0:0',
        workdir: '/',
        env: {},
        entrypoint: [],
        cmd: [],
        healthcheck: [],
        steps: [],
      })
    else if (keyword === 'ENV')
      for (const property of one.getProperties()) {
        stage.env[property.getName()] = property.getValue()
      }
    else if (keyword === 'WORKDIR') stage.workdir = words[0]
    else if (keyword === 'USER') stage.user = words[0]
    else if (keyword === 'ENTRYPOINT') stage.entrypoint = execOf(one)
    else if (keyword === 'CMD') stage.cmd = execOf(one)
    else if (keyword === 'HEALTHCHECK')
      stage.healthcheck = JSON.parse(one.getRawArgumentsContent().replace(/^.*?CMD\s*/s, ''))
    else if (keyword === 'RUN' || keyword === 'COPY')
      stage.steps.push({
        keyword,
        text: commandOf(one.getRawArgumentsContent()),
        from: keyword === 'COPY' ? (one.getFromFlag()?.getValue() ?? undefined) : undefined,
        paths: words,
        env: { ...stage.env },
        workdir: stage.workdir,
      })
    else if (!['VOLUME', 'EXPOSE', 'STOPSIGNAL'].includes(keyword))
      throw new Error(`${keyword}: not known here`)
  }
  return stages
}

const execOf = (instruction) => JSON.parse(instruction.getRawArgumentsContent())
/** Lines that go on become one. */
const commandOf = (raw) => raw.replace(/\\\n/g, ' ')
