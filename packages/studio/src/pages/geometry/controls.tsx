import { namedMargins, radians } from '@arcface/evaluate'
import { useState } from 'react'
import { useWords } from '../../language/language.js'
import { CheckField, SelectField, SliderField } from '../../ui/field.js'
import { useDrawn, useWriting } from './context.js'
import {
  CLASSES,
  PRESETS,
  type PresetName,
  presetOf,
  type Settings,
  toDegrees,
} from './settings.js'
import { words } from './words.js'

const OWN = 'own'

/** The loss and the sample, to be changed; and what to draw beside. */
export function Controls({
  onChange,
  onBeside,
}: {
  onChange(settings: Settings): void
  onBeside(beside: readonly PresetName[]): void
}) {
  const t = useWords(words)
  const { degree, count, significant } = useWriting()
  // On a telephone it opens over the page, so that one sees what it changes.
  const [isWide] = useState(() => matchMedia('(min-width: 901px)').matches)
  const { settings, beside } = useDrawn()
  const { margins, scale, classes, theta, other, gradient } = settings
  const set = (change: Partial<Settings>) => onChange({ ...settings, ...change })
  const margin = (key: keyof typeof margins) => (value: number) =>
    set({ margins: { ...margins, [key]: value } })
  const name = PRESETS.find((one) => one.name === presetOf(margins))?.title ?? t.own
  const { m1, m2, m3 } = margins
  return (
    <details className="controls" open={isWide}>
      <summary>
        {t.now(name, [m1, m2, m3].map((one) => significant(one)).join(', '), count(scale))}
      </summary>
      <fieldset className="stack">
        <legend>{t.loss}</legend>
        <SelectField
          label={t.preset}
          value={presetOf(margins) ?? OWN}
          choices={[
            ...PRESETS.map(({ name, title }) => ({ value: name as string, label: title })),
            { value: OWN, label: t.own },
          ]}
          onChange={(name) =>
            name !== OWN && set({ margins: { ...namedMargins[name as PresetName] } })
          }
        />
        <SliderField
          {...{ label: t.m1, min: 0.5, max: 4, step: 0.05 }}
          value={margins.m1}
          onChange={margin('m1')}
        />
        <SliderField
          {...{ label: t.m2(degree(margins.m2)), min: 0, max: 1.5, step: 0.01 }}
          value={margins.m2}
          onChange={margin('m2')}
        />
        <SliderField
          {...{ label: t.m3, min: 0, max: 1, step: 0.01 }}
          value={margins.m3}
          onChange={margin('m3')}
        />
        <SliderField
          {...{ label: t.scale, min: 1, max: 128, step: 1 }}
          value={scale}
          onChange={(scale) => set({ scale })}
        />
        <SelectField
          label={t.classes}
          value={String(classes)}
          choices={CLASSES.map((one) => ({ value: String(one), label: count(one) }))}
          onChange={(one) => set({ classes: Number(one) })}
        />
        <CheckField
          label={t.straight}
          value={gradient === 'straight-through'}
          onChange={(isOn) => set({ gradient: isOn ? 'straight-through' : 'true' })}
        />
      </fieldset>
      <fieldset className="stack">
        <legend>{t.sample}</legend>
        <SliderField
          {...{ label: t.theta, min: 0, max: 180, step: 1 }}
          value={toDegrees(theta)}
          onChange={(value) => set({ theta: radians(value) })}
        />
        <SliderField
          {...{ label: t.other, min: 0, max: 180, step: 1 }}
          value={toDegrees(other)}
          onChange={(value) => set({ other: radians(value) })}
        />
      </fieldset>
      <fieldset className="stack">
        <legend>{t.compare}</legend>
        {PRESETS.map(({ name, title }) => (
          <CheckField
            key={name}
            label={title}
            value={beside.includes(name)}
            onChange={(isOn) =>
              onBeside(isOn ? [...beside, name] : beside.filter((one) => one !== name))
            }
          />
        ))}
      </fieldset>
    </details>
  )
}
