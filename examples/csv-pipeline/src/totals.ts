/** What the rows come to: sums by country. Plain data, made to be sent between threads and added up in any order. */
export interface Sums {
  readonly orders: number;
  readonly items: number;
  readonly cents: number;
}

export type Totals = Map<string, Sums>;

export function add(totals: Totals, country: string, { orders, items, cents }: Sums): void {
  const old = totals.get(country) ?? { orders: 0, items: 0, cents: 0 };
  totals.set(country, { orders: old.orders + orders, items: old.items + items, cents: old.cents + cents });
}
