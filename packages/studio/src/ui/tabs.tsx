import { Tabs as Base } from '@base-ui/react/tabs'
import type { ReactNode } from 'react'
import './controls.css'

export interface Tab {
  value: string
  label: ReactNode
  children: ReactNode
}

export const Tabs = ({
  tabs,
  value,
  onChange,
  label,
}: {
  tabs: readonly Tab[]
  value: string
  onChange(value: string): void
  label: string
}) => (
  <Base.Root value={value} onValueChange={onChange} className="stack">
    <Base.List className="tabs" aria-label={label}>
      {tabs.map((tab) => (
        <Base.Tab key={tab.value} value={tab.value}>
          {tab.label}
        </Base.Tab>
      ))}
    </Base.List>
    {tabs.map((tab) => (
      <Base.Panel key={tab.value} value={tab.value} className="stack">
        {tab.children}
      </Base.Panel>
    ))}
  </Base.Root>
)
