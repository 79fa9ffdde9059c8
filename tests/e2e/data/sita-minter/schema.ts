// shared/schema.ts
import { pgTable, serial, text, timestamp, integer, boolean, jsonb } from 'drizzle-orm/pg-core';
import { createInsertSchema } from 'drizzle-zod';
import { z } from 'zod';

// User table definition
export const users = pgTable('users', {
  id: serial('id').primaryKey(),
  walletAddress: text('wallet_address').notNull().unique(),
  username: text('username'),
  createdAt: timestamp('created_at').defaultNow().notNull(),
  updatedAt: timestamp('updated_at').defaultNow().notNull()
});

// Token table definition
export const tokens = pgTable('tokens', {
  id: serial('id').primaryKey(),
  name: text('name').notNull(),
  symbol: text('symbol').notNull(),
  supply: text('supply').notNull(),
  creatorId: integer('creator_id').references(() => users.id).notNull(),
  description: text('description'),
  iconUrl: text('icon_url'),
  contractAddress: text('contract_address'),
  networkId: text('network_id').notNull(),
  txHash: text('tx_hash'),
  status: text('status').notNull().default('pending'),
  createdAt: timestamp('created_at').defaultNow().notNull(),
  updatedAt: timestamp('updated_at').defaultNow().notNull()
});

// Transaction table definition
export const transactions = pgTable('transactions', {
  id: serial('id').primaryKey(),
  userId: integer('user_id').references(() => users.id).notNull(),
  tokenId: integer('token_id').references(() => tokens.id),
  txHash: text('tx_hash').notNull(),
  txType: text('tx_type').notNull(),
  status: text('status').notNull().default('pending'),
  amount: text('amount'),
  networkId: text('network_id').notNull(),
  metadata: jsonb('metadata'),
  createdAt: timestamp('created_at').defaultNow().notNull(),
  updatedAt: timestamp('updated_at').defaultNow().notNull()
});

// Security events table for audit trail
export const securityEvents = pgTable('security_events', {
  id: serial('id').primaryKey(),
  eventType: text('event_type').notNull(),
  description: text('description').notNull(),
  ipAddress: text('ip_address'),
  userId: integer('user_id').references(() => users.id),
  walletAddress: text('wallet_address'),
  metadata: jsonb('metadata'),
  severity: text('severity').default('info'),
  createdAt: timestamp('created_at').defaultNow().notNull()
});

// Settings table for application configuration
export const settings = pgTable('settings', {
  id: serial('id').primaryKey(),
  key: text('key').notNull().unique(),
  value: text('value').notNull(),
  description: text('description'),
  isPublic: boolean('is_public').default(false),
  lastUpdated: timestamp('last_updated').defaultNow().notNull()
});

// Define insert schemas using drizzle-zod
export const insertUserSchema = createInsertSchema(users).omit({ id: true });
export const insertTokenSchema = createInsertSchema(tokens).omit({ id: true });
export const insertTransactionSchema = createInsertSchema(transactions).omit({ id: true });
export const insertSecurityEventSchema = createInsertSchema(securityEvents).omit({ id: true });
export const insertSettingSchema = createInsertSchema(settings).omit({ id: true });

// Define types using the schemas
export type InsertUser = z.infer<typeof insertUserSchema>;
export type InsertToken = z.infer<typeof insertTokenSchema>;
export type InsertTransaction = z.infer<typeof insertTransactionSchema>;
export type InsertSecurityEvent = z.infer<typeof insertSecurityEventSchema>;
export type InsertSetting = z.infer<typeof insertSettingSchema>;

// Define select types
export type User = typeof users.$inferSelect;
export type Token = typeof tokens.$inferSelect;
export type Transaction = typeof transactions.$inferSelect;
export type SecurityEvent = typeof securityEvents.$inferSelect;
export type Setting = typeof settings.$inferSelect;
