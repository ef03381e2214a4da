// Pages of a list: one entry more than asked for is read, which shows whether there is another page.

/** The page that `rows` (up to `limit` + 1 of them) begin with, and where the next one goes on. */
export function pageOf<Row extends { readonly position: string }>(
  rows: readonly Row[],
  limit: number,
): { readonly page: readonly Row[]; readonly next: string | undefined } {
  const page = rows.slice(0, limit)
  return { page, next: rows.length > limit ? page.at(-1)?.position : undefined }
}
