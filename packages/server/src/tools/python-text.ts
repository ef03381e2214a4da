// Values as Python's `str` writes them: so do the arguments of a tool reach the query of its address (protocol section 7.5).

/** `value`: anything that JSON can say. Numbers that JSON wrote as `1.0` are whole numbers here, and come as `1`. */
export const pythonText = (value: unknown): string => (typeof value === 'string' ? value : pythonRepr(value))

function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (typeof value === 'number') return pythonNumber(value)
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`
  return `{${Object.entries(value)
    .map(([key, item]) => `${quoted(key)}: ${pythonRepr(item)}`)
    .join(', ')}}`
}

/** Both languages write the shortest digits; they part where the exponent begins, and in how it is written. */
function pythonNumber(value: number): string {
  const size = Math.abs(value)
  if (Number.isInteger(value) && size < 1e21) return BigInt(value).toString()
  const text = size < 1e-4 ? value.toExponential() : String(value)
  return text.replace(/e([+-])(\d)$/, 'e$10$2')
}

/** In single quotes, or in double ones where those need no backslash; what cannot be seen is written by its number. */
function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const inside = text.replace(/['\\]|(?! )[\p{C}\p{Z}]/gu, (character) => {
    if (character === "'") return quote === "'" ? "\\'" : character
    return shortEscapes[character] ?? numbered(character.codePointAt(0)!)
  })
  return quote + inside + quote
}

const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' }

function numbered(code: number): string {
  const digits = (width: number) => code.toString(16).padStart(width, '0')
  if (code < 0x100) return `\\x${digits(2)}`
  return code < 0x1_0000 ? `\\u${digits(4)}` : `\\U${digits(8)}`
}
