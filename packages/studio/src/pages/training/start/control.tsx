import { useEffect, useId, useState } from 'react'
import { parse, stringify } from 'yaml'
import { useWords } from '../../../language/language.js'
import { Button } from '../../../ui/button.js'
import { CheckField, Field, SelectField, TextField } from '../../../ui/field.js'
import { isNullable, type Node } from './schema.js'
import { words } from './words.js'

export interface ControlProps {
  /** `loss.margin` */
  path: string
  node: Node
  /** undefined: the default holds. */
  value: unknown
  wrong: string | undefined
  /** Folders of people in the workspace. */
  folders: readonly string[]
  onChange(value: unknown): void
}

/** A control for a value, by what the schema says of it. */
export function Control(props: ControlProps) {
  const { path, node, value = node.default, wrong, onChange } = props
  const t = useWords(words)
  const label = path.split('.').at(-1)!
  const told = node.description
  const types = [node.type ?? []].flat()
  if (types[0] === 'boolean')
    return (
      <div className="field">
        <CheckField label={label} value={value === true} onChange={onChange} />
        {told && <span className="told">{told}</span>}
        {wrong && (
          <span className="wrong" role="alert">
            {wrong}
          </span>
        )}
      </div>
    )
  if (node.enum && types[0] === 'string')
    return (
      <SelectField
        {...{ label, told, wrong, onChange }}
        value={String(value)}
        choices={node.enum.map((one) => ({ value: String(one), label: String(one) }))}
      />
    )
  const isList =
    types[0] === 'array' && typeof node.items === 'object' && node.items.type === 'string'
  if (isList) return <List {...{ ...props, label }} />
  if (types.includes('string')) return <Text {...{ ...props, label }} />
  const isNumber = types.includes('number') || types.includes('integer')
  return (
    <Written
      {...{ ...props, label, value }}
      told={isNumber ? told : [told, t.asYaml].filter(Boolean).join(' ')}
    />
  )
}

function Text({
  node,
  value = node.default,
  wrong,
  label,
  onChange,
}: ControlProps & { label: string }) {
  const id = useId()
  const t = useWords(words)
  return (
    <>
      <TextField
        {...{ label, wrong }}
        told={node.description}
        value={value == null ? '' : String(value)}
        onChange={(text) => onChange(text === '' && isNullable(node) ? undefined : text)}
        {...(isNullable(node) && { placeholder: t.none })}
        {...(node.examples && { list: id })}
        spellCheck={false}
        autoComplete="off"
      />
      {node.examples && (
        <datalist id={id}>
          {node.examples.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
    </>
  )
}

function List({
  path,
  node,
  value = node.default,
  wrong,
  label,
  folders,
  onChange,
}: ControlProps & { label: string }) {
  const t = useWords(words)
  const list = Array.isArray(value) ? value.map(String) : []
  const isOfFolders = path === 'data.roots' || path === 'data.unlabelled'
  const others = isOfFolders ? folders.filter((one) => !list.includes(one)).slice(0, 8) : []
  const take = (next: readonly string[]) => onChange(next)
  return (
    <div className="stack">
      <Field {...{ label, wrong }} told={[node.description, t.lines].filter(Boolean).join('. ')}>
        {(described) => (
          <textarea
            className="input"
            rows={Math.max(2, list.length)}
            value={list.join('\n')}
            spellCheck={false}
            dir="auto"
            onChange={({ target }) => take(target.value === '' ? [] : target.value.split('\n'))}
            {...described}
          />
        )}
      </Field>
      {others.length > 0 && (
        <div className="row">
          {others.map((one) => (
            <Button key={one} onClick={() => take([...list.filter(Boolean), one])}>
              <bdi>{t.add(one)}</bdi>
            </Button>
          ))}
        </div>
      )}
    </div>
  )
}

const inWords = (value: unknown) =>
  value === undefined ? '' : stringify(value, { collectionStyle: 'flow' }).trim()

/** A value as it stands in YAML: numbers, and what is made of several. What is typed stays as it is while it is the same value. */
function Written({
  label,
  told,
  wrong,
  value,
  onChange,
}: Pick<ControlProps, 'value' | 'wrong' | 'onChange'> & {
  label: string
  told: string | undefined
}) {
  const [text, setText] = useState(inWords(value))
  const said = inWords(value)
  useEffect(() => {
    setText((before) => (inWords(read(before)) === said ? before : said))
  }, [said])
  return (
    <TextField
      {...{ label, told, wrong }}
      value={text}
      spellCheck={false}
      autoComplete="off"
      onChange={(next) => {
        setText(next)
        onChange(next.trim() === '' ? undefined : read(next))
      }}
    />
  )
}

function read(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return text
  }
}
