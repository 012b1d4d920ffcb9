import { useNumbers, useWords } from '../../../language/language.js'
import { SelectField } from '../../../ui/field.js'
import { Control } from './control.js'
import { type Draft, withChoice, withValue } from './draft.js'
import { chosenOf, type Fault, type Node, SCHEMA } from './schema.js'
import { words } from './words.js'

export interface FormProps {
  draft: Draft
  /** By key, what is wrong. */
  faults: ReadonlyMap<string, Fault>
  /** By key, what the command said. */
  said: ReadonlyMap<string, string>
  folders: readonly string[]
  onChange(draft: Draft): void
}

/** A form of a configuration, made of its schema. */
export function Form(props: FormProps) {
  const t = useWords(words)
  const parts = Object.entries(SCHEMA.properties!)
  const single = parts.filter(([, node]) => !isPart(node))
  return (
    <div className="stack">
      <Part name={t.general} open>
        {single.map(([key, node]) => (
          <One key={key} {...{ ...props, node }} path={[key]} />
        ))}
      </Part>
      {parts
        .filter(([, node]) => isPart(node))
        .map(([key, node]) => (
          <Part key={key} name={key} open={['data', 'model', 'loss', 'train'].includes(key)}>
            <Inner {...{ ...props, node }} path={[key]} />
          </Part>
        ))}
    </div>
  )
}

const isPart = ({ properties, oneOf }: Node) => properties !== undefined || oneOf !== undefined

const Part = ({
  name,
  open,
  children,
}: {
  name: string
  open: boolean
  children: React.ReactNode
}) => (
  <details className="card part" open={open}>
    <summary>{name}</summary>
    <div className="part-fields">{children}</div>
  </details>
)

type At = FormProps & { node: Node; path: readonly string[] }

function Inner(props: At) {
  const { draft, node, path, onChange } = props
  const value = at(draft.value, path)
  const chosen = chosenOf(node, value)
  const wrongAt = useWrong(props)
  const names = node.oneOf?.map(({ properties }) => String(properties!.name!.const))
  return (
    <>
      {names && (
        <SelectField
          label="name"
          told={node.description}
          wrong={wrongAt([...path, 'name']) ?? wrongAt(path)}
          value={String(chosen.properties?.name?.const ?? names[0])}
          choices={names.map((one) => ({ value: one, label: one }))}
          onChange={(name) => onChange(withChoice(draft, path[0]!, node, name))}
        />
      )}
      {Object.entries(chosen.properties ?? {}).map(([key, one]) =>
        isPart(one) ? (
          <fieldset key={key} className="part-inner">
            <legend>{key}</legend>
            <Inner {...props} node={one} path={[...path, key]} />
          </fieldset>
        ) : one.const === undefined ? (
          <One key={key} {...props} node={one} path={[...path, key]} />
        ) : null,
      )}
    </>
  )
}

function One(props: At) {
  const { draft, node, path, folders, onChange } = props
  return (
    <Control
      {...{ node, folders }}
      path={path.join('.')}
      value={at(draft.value, path)}
      wrong={useWrong(props)(path)}
      onChange={(value) => onChange(withValue(draft, path, value))}
    />
  )
}

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((one, key) => Object(one)[key], value)

/** What is wrong with a key, or with something in it that has no control of its own. */
function useWrong({ faults, said, node }: At): (path: readonly string[]) => string | undefined {
  const tell = useFaultWords()
  return (path) => {
    const key = path.join('.')
    const own = faults.get(key)
    if (own) return tell(own)
    const inner = isPart(node) ? undefined : [...faults].find(([one]) => one.startsWith(`${key}.`))
    if (inner) return `${inner[0].slice(key.length + 1)}: ${tell(inner[1])}`
    return said.get(key)
  }
}

export function useFaultWords(): (fault: Fault) => string {
  const t = useWords(words)
  const { significant } = useNumbers()
  return (fault) => {
    if ('than' in fault) return t[fault.what](significant(fault.than, 6))
    return 'among' in fault ? t.choice(fault.among.join(', ')) : t[fault.what]
  }
}
