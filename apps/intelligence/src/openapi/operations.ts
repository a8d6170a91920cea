/** Every route in one table: what it is for, what it takes, what it answers. A test holds it against the routes. */
import type { z } from 'zod'
import { newBatch } from '../routes/batches.ts'
import { redriveBody } from '../routes/dead-letters.ts'
import { listQuery, newQuery, relatedQuery } from '../routes/documents.ts'
import { eventsQuery } from '../routes/events.ts'
import { newFolder } from '../routes/folders.ts'
import { newDocument } from '../routes/new-document.ts'
import { entitiesQuery, searchBody, searchQuery } from '../routes/search.ts'
import { newSessionBody } from '../routes/session.ts'
import * as answers from './answers.ts'

export interface Operation {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** With names in braces. */
  readonly path: string
  readonly summary: string
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  /** Status and what comes with it; null for nothing, a media type for what is no JSON. */
  readonly answers: Readonly<Record<number, z.ZodType | string | null>>
}

const { accepted } = answers

export const operations: readonly Operation[] = [
  {
    method: 'POST',
    path: '/documents',
    summary: 'Takes a document in; it is indexed afterwards, and not lost whatever dies',
    ...{ query: newQuery, body: newDocument, answers: { 202: accepted, 200: accepted } },
  },
  {
    method: 'POST',
    path: '/documents/batch',
    summary: 'Takes many documents in; those that cannot be used are told with their reasons',
    ...{ query: newQuery, body: newBatch, answers: { 202: answers.acceptedBatch } },
  },
  {
    method: 'POST',
    path: '/folders',
    summary: 'Reads a folder below INDEX_ROOT, and indexes what is new in it',
    ...{ body: newFolder, answers: { 202: answers.startedRun } },
  },
  {
    method: 'GET',
    path: '/folders/{id}',
    summary: 'How far the reading of a folder has come',
    answers: { 200: answers.folderRun },
  },
  {
    method: 'GET',
    path: '/documents',
    summary: 'Indexed documents, or those whose job is in a state, or degraded',
    ...{ query: listQuery, answers: { 200: answers.documentList } },
  },
  {
    method: 'GET',
    path: '/documents/{id}',
    summary: 'A document with its chunks, entities and analysis',
    answers: { 200: answers.storedDocument },
  },
  {
    method: 'GET',
    path: '/documents/{id}/status',
    summary: 'What became of it, stage by stage',
    answers: { 200: answers.documentStatus },
  },
  {
    method: 'GET',
    path: '/documents/{id}/related',
    summary: 'Documents about the same',
    ...{ query: relatedQuery, answers: { 200: answers.related } },
  },
  {
    method: 'POST',
    path: '/documents/{id}/retry',
    summary: 'Tries again what failed',
    answers: { 202: accepted },
  },
  {
    method: 'DELETE',
    path: '/documents/{id}',
    summary: 'Forgets it, and everything that was found in it',
    answers: { 204: null },
  },
  {
    method: 'POST',
    path: '/dead-letters/redrive',
    summary: 'Gives what was given up all its attempts again',
    ...{ body: redriveBody, answers: { 202: answers.redriven } },
  },
  {
    method: 'GET',
    path: '/events',
    summary: 'Progress as server-sent events; Last-Event-ID goes on where a reader left off',
    ...{ query: eventsQuery, answers: { 200: 'text/event-stream' } },
  },
  {
    method: 'GET',
    path: '/search',
    summary: 'By words and meaning',
    ...{ query: searchQuery, answers: { 200: answers.searchResult } },
  },
  {
    method: 'POST',
    path: '/search',
    summary: 'The same, for long queries',
    ...{ body: searchBody, answers: { 200: answers.searchResult } },
  },
  {
    method: 'GET',
    path: '/entities',
    summary: 'Entities over all documents',
    ...{ query: entitiesQuery, answers: { 200: answers.entityList } },
  },
  {
    method: 'GET',
    path: '/health',
    summary: 'This service and each upstream, asked now',
    answers: { 200: answers.health, 503: answers.health },
  },
  { method: 'GET', path: '/health/live', summary: 'The process answers', answers: { 200: answers.live } },
  {
    method: 'GET',
    path: '/health/ready',
    summary: 'Whether requests may be sent to it, with reasons',
    answers: { 200: answers.ready, 503: answers.ready },
  },
  {
    method: 'GET',
    path: '/clients',
    summary: "Each client's metrics, breaker and pool",
    answers: { 200: answers.clientList },
  },
  {
    method: 'GET',
    path: '/metrics',
    summary: 'The figures of the clients, for Prometheus',
    answers: { 200: 'text/plain' },
  },
  {
    method: 'GET',
    path: '/diagnose',
    summary: 'What is wrong with the calls, in words; as text for those that accept text/plain',
    answers: { 200: 'application/json' },
  },
  {
    method: 'POST',
    path: '/session',
    summary: 'Gives a browser a cookie for the token of this service',
    ...{ body: newSessionBody, answers: { 204: null } },
  },
  { method: 'GET', path: '/openapi.json', summary: 'This document', answers: { 200: 'application/json' } },
]
