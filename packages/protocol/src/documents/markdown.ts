// Markdown from schemas: tables of fields, headings, blocks of JSON.
import type { JsonSchema } from './json-schema.js'

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

export const json = (value: unknown): string => `\`\`\`json\n${compact(value, '')}\n\`\`\``

export const bullets = (...items: readonly string[]): string => items.map((item) => `- ${item}`).join('\n')

export const code = (text: string | number): string => `\`${text}\``

/** A page: paragraphs with an empty line between them, and a line end at the end. */
export const page = (...paragraphs: readonly string[]): string => `${paragraphs.join('\n\n')}\n`

/** The anchor that a heading gets. */
export const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')

/** The fields of an object as a table. `objects` are those that have a section of their own, by name. */
export function fieldTable(schema: JsonSchema, objects: Readonly<Record<string, JsonSchema>>): string {
  const rows = Object.entries(schema.properties ?? {}).map(([name, field]) => [
    code(name),
    typeOf(field),
    schema.required?.includes(name) ? 'yes' : '',
    describe(field, objects),
  ])
  return rows.length === 0 ? 'No fields.' : table(['field', 'type', 'required', 'meaning'], rows)
}

function describe(field: JsonSchema, objects: Readonly<Record<string, JsonSchema>>): string {
  const text = field.description ?? meaningOf(field, objects)
  return field.default === undefined ? text : `${text} Default ${code(JSON.stringify(field.default))}.`
}

/** What is said of the object that the field holds, or may hold. */
function meaningOf(field: JsonSchema, objects: Readonly<Record<string, JsonSchema>>): string {
  const variants = [field, ...(field.anyOf ?? [])]
  return variants.map((variant) => objects[nameOf(variant) ?? '']?.description).find((text) => text !== undefined) ?? ''
}

function typeOf(field: JsonSchema): string {
  const name = nameOf(field)
  if (name !== undefined) return `[${name}](#${anchor(name)})`
  const variants = field.anyOf ?? field.allOf
  if (Array.isArray(variants)) return variants.map(typeOf).join(' or ')
  if (field.const !== undefined) return code(JSON.stringify(field.const))
  if (field.enum !== undefined) return field.enum.map((value) => code(JSON.stringify(value))).join(' or ')
  if (Array.isArray(field.type)) return field.type.join(' or ')
  if (field.items !== undefined) return `list of ${typeOf(field.items)}`
  return field.type ?? 'any'
}

const nameOf = ({ $ref, allOf }: JsonSchema): string | undefined =>
  $ref?.split('/').at(-1) ?? (Array.isArray(allOf) && allOf.length === 1 ? nameOf(allOf[0]) : undefined)

/** JSON in which whatever fits on a line stands on one. */
function compact(value: unknown, indent: string): string {
  const line = JSON.stringify(value)
  if (typeof value !== 'object' || value === null || indent.length + line.length <= 100) return spaced(line)
  const inner = `${indent}  `
  if (Array.isArray(value)) return `[\n${value.map((item) => inner + compact(item, inner)).join(',\n')}\n${indent}]`
  const members = Object.entries(value).map(([key, item]) => `${inner}${JSON.stringify(key)}: ${compact(item, inner)}`)
  return `{\n${members.join(',\n')}\n${indent}}`
}

/** A line of JSON with a space behind each comma and colon that is not part of a text. */
const spaced = (line: string): string =>
  line.replace(/"(?:[^"\\]|\\.)*"|[,:]/g, (token) => (token === ',' || token === ':' ? `${token} ` : token))
