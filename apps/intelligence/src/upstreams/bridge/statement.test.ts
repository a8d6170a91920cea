import { describe, expect, test } from 'vitest'
import { arrange, InvalidQuery, translate } from './statement.ts'

describe('translate', () => {
  test('turns $1, in any order and repeated, into places', () => {
    expect(translate('SELECT * FROM t WHERE a = $2 AND b = $1 OR c = $2;')).toEqual({
      sql: 'SELECT * FROM t WHERE a = ? AND b = ? OR c = ?',
      order: [1, 0, 1],
    })
  })

  test('counts ? from the left and takes ?2 at its word', () => {
    expect(translate('VALUES (?, ?)').order).toEqual([0, 1])
    expect(translate('VALUES (?2, ?1)').order).toEqual([1, 0])
  })

  test('leaves parameters, semicolons and comments inside quotes alone', () => {
    const query = `SELECT '$1; it''s -- ?', "a;b", [c;d], \`e?\` FROM t WHERE x = $1`
    expect(translate(query)).toEqual({ sql: query.replace(/\$1$/, '?'), order: [0] })
  })

  test('drops comments, wherever a semicolon hides in them', () => {
    expect(translate('SELECT 1 -- ; DROP TABLE t\n /* ; ? */ + ?; -- done').sql.replace(/\s+/g, ' ')).toBe(
      'SELECT 1 + ?',
    )
  })

  test.each([
    ['SELECT 1; SELECT 2', 'more than one statement'],
    ["SELECT ';'; DROP TABLE t --", 'more than one statement'],
    [';;', 'the query is empty'],
    ['-- nothing', 'the query is empty'],
    ["SELECT 'open", "a ' is never closed"],
    ["SELECT 'it''", "a ' is never closed"],
    ['SELECT "x', 'a " is never closed'],
    ['SELECT $1, ?', '$1 and ? in one query'],
    ['SELECT $0', 'they count from 1'],
    ['SELECT :name', 'named parameter :name'],
    ['SELECT $$text$$', 'named parameter $$'],
    ['SELECT a::jsonb FROM t', 'casts are written CAST'],
    ['SELECT 1\0', 'NUL'],
  ])('refuses %j', (query, reason) => {
    expect(() => translate(query)).toThrow(InvalidQuery)
    expect(() => translate(query)).toThrow(reason)
  })

  test('an empty string and a doubled quote are closed', () => {
    expect(translate("SELECT '', '''', 'a'''").sql).toBe("SELECT '', '''', 'a'''")
  })
})

describe('arrange', () => {
  test('puts each value where its number stands', () => {
    expect(arrange(translate('SELECT $2, $1, $2'), ['a', 'b'])).toEqual(['b', 'a', 'b'])
  })

  test.each([[[]], [['a', 'b', 'c']]])('refuses %j for two parameters', (values) => {
    expect(() => arrange(translate('SELECT $1, $2'), values)).toThrow(
      `has 2 parameters, but ${values.length} values`,
    )
  })
})
