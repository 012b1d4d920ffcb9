import { type ComponentProps, type ReactNode, useId } from 'react'
import './controls.css'

export interface FieldProps {
  label: ReactNode
  /** What it is for. */
  told?: ReactNode
  /** What is wrong with it now. */
  wrong?: ReactNode
}

interface Described {
  id: string
  'aria-describedby': string | undefined
  'aria-invalid': boolean
}

/** A label over a control, and what is told of it. */
export function Field({
  label,
  told,
  wrong,
  children,
}: FieldProps & { children: (described: Described) => ReactNode }) {
  const id = useId()
  const ids = [told && `${id}-told`, wrong && `${id}-wrong`].filter(Boolean).join(' ')
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': ids || undefined, 'aria-invalid': !!wrong })}
      {told && (
        <span id={`${id}-told`} className="told">
          {told}
        </span>
      )}
      {wrong && (
        <span id={`${id}-wrong`} className="wrong" role="alert">
          {wrong}
        </span>
      )}
    </div>
  )
}

type Input = Omit<ComponentProps<'input'>, 'onChange' | 'value'>

export const TextField = ({
  label,
  told,
  wrong,
  value,
  onChange,
  ...rest
}: FieldProps & Input & { value: string; onChange(value: string): void }) => (
  <Field {...{ label, told, wrong }}>
    {(described) => (
      <input
        className="input"
        dir="auto"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        {...described}
        {...rest}
      />
    )}
  </Field>
)

export interface Choice<V extends string> {
  value: V
  label: string
}

export const SelectField = <V extends string>({
  label,
  told,
  wrong,
  value,
  choices,
  onChange,
  disabled,
}: FieldProps & {
  value: V
  choices: readonly Choice<V>[]
  onChange(value: V): void
  disabled?: boolean
}) => (
  <Field {...{ label, told, wrong }}>
    {(described) => (
      <select
        className="input"
        value={value}
        disabled={disabled}
        onChange={(event) => onChange(event.target.value as V)}
        {...described}
      >
        {choices.map((one) => (
          <option key={one.value} value={one.value}>
            {one.label}
          </option>
        ))}
      </select>
    )}
  </Field>
)

export const CheckField = ({
  label,
  value,
  onChange,
  disabled,
}: {
  label: ReactNode
  value: boolean
  onChange(value: boolean): void
  disabled?: boolean
}) => (
  <label className="check">
    <input
      type="checkbox"
      checked={value}
      disabled={disabled}
      onChange={(event) => onChange(event.target.checked)}
    />
    {label}
  </label>
)

/** A value by slider, and beside it by number. */
export function SliderField({
  label,
  value,
  min,
  max,
  step,
  onChange,
}: {
  label: string
  value: number
  min: number
  max: number
  step: number
  onChange(value: number): void
}) {
  const id = useId()
  const take = (text: string) => {
    const next = Number(text)
    if (text.trim() !== '' && next >= min && next <= max) onChange(next)
  }
  const range = { min, max, step, value }
  return (
    <div className="slider">
      <label htmlFor={id}>{label}</label>
      <input id={id} type="range" {...range} onChange={(event) => take(event.target.value)} />
      <input
        className="input"
        type="number"
        aria-label={label}
        {...range}
        onChange={(event) => take(event.target.value)}
      />
    </div>
  )
}
