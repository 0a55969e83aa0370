// All of Northwind as our records. A pure function of the file: the same every time and everywhere, so that loading
// it again after a crash writes the same records again.
import type { CustomerRecord } from '../records/customer.js';
import type { InvoiceRecord } from '../records/invoice.js';
import type { OrderRecord } from '../records/order.js';
import type { PaymentRecord } from '../records/payment.js';
import type { ProductRecord } from '../records/product.js';
import type { ShipmentRecord } from '../records/shipment.js';
import { sampleCountry } from './countries.js';
import type { Northwind, NorthwindCustomer, NorthwindProduct } from './northwind-source.js';
import { sampleOrder } from './sample-order.js';
import { sampleMinor } from './sample-prices.js';

export interface SampleRecords {
  readonly customers: readonly CustomerRecord[];
  readonly products: readonly ProductRecord[];
  readonly orders: readonly OrderRecord[];
  readonly shipments: readonly ShipmentRecord[];
  readonly invoices: readonly InvoiceRecord[];
  readonly payments: readonly PaymentRecord[];
}

/** Food that spoils can't come back: meat, vegetables and fish (Northwind's categories). */
const perishable: ReadonlySet<string> = new Set(['Meat/Poultry', 'Produce', 'Seafood']);
const catalogueCurrency = 'USD';

/** @throws {RangeError} when an order names a customer or product that isn't there. */
export function sampleRecords(northwind: Northwind): SampleRecords {
  const customers = northwind.customers.map(sampleCustomer);
  const customerById = new Map(customers.map((customer) => [customer._id, customer]));
  const categories = new Map(northwind.categories.map((row) => [row.CategoryID, row.CategoryName]));
  const products = northwind.products.map((row) => sampleProduct(row, categories.get(row.CategoryID) ?? ''));
  const productById = new Map(northwind.products.map((row, index) => [row.ProductID, products[index]!]));
  const carriers = new Map(northwind.shippers.map((row) => [row.ShipperID, row.CompanyName]));

  let unshippedBefore = 0;
  const mapped = [...northwind.orders]
    .sort((left, right) => left.OrderID - right.OrderID)
    .map((source) => {
      const customer = found(customerById, customerNumber(source.CustomerID));
      const records = sampleOrder(
        source,
        unshippedBefore,
        customer,
        (id) => found(productById, id),
        carriers,
      );
      if (source.ShippedDate === null) unshippedBefore += 1;
      return records;
    });
  return {
    customers,
    products,
    orders: mapped.map(({ order }) => order),
    shipments: mapped.flatMap(({ shipments }) => shipments),
    invoices: mapped.flatMap(({ invoices }) => invoices),
    payments: mapped.flatMap(({ payments }) => payments),
  };
}

const customerNumber = (northwindId: string): string => northwindId.trim().toUpperCase();

/** Northwind has no e-mail addresses: one is made of the name under `.example`, which is never delivered (RFC 2606). */
function sampleCustomer(row: NorthwindCustomer): CustomerRecord {
  const number = customerNumber(row.CustomerID);
  const [first = '', ...rest] = row.ContactName.trim().split(/\s+/);
  const firstName = rest.length === 0 ? undefined : first;
  const lastName = rest.length === 0 ? first : rest.join(' ');
  const country = row.Country === null ? undefined : sampleCountry(row.Country);
  const address =
    country === undefined || row.Address === null || row.City === null
      ? []
      : [
          {
            name: row.ContactName,
            street: row.Address,
            city: row.City,
            ...(row.Region === null ? {} : { region: row.Region }),
            ...(row.PostalCode === null ? {} : { postalCode: row.PostalCode }),
            country: country.code,
            ...(row.Phone === null ? {} : { phone: row.Phone }),
          },
        ];
  return {
    _id: number,
    ...(firstName === undefined ? {} : { firstName }),
    lastName,
    title: row.ContactTitle,
    account: row.CompanyName,
    email: `${[firstName, lastName].filter(Boolean).map(asciiWord).join('.')}@${number.toLowerCase()}.example`,
    ...(row.Phone === null ? {} : { phone: row.Phone }),
    ...(row.Fax === null ? {} : { fax: row.Fax }),
    status: country === undefined ? 'inactive' : 'active',
    locale: country?.locale ?? 'en-US',
    currency: country?.currency ?? catalogueCurrency,
    addresses: address,
  };
}

function sampleProduct(row: NorthwindProduct, category: string): ProductRecord {
  return {
    _id: `NW-${String(row.ProductID).padStart(3, '0')}`,
    title: row.ProductName,
    category,
    packaging: row.QuantityPerUnit,
    price: sampleMinor(row.UnitPrice, catalogueCurrency),
    currency: catalogueCurrency,
    active: row.Discontinued === '0',
    returnable: !perishable.has(category),
    stock: row.UnitsInStock,
  };
}

const asciiWord = (name: string | undefined): string =>
  (name ?? '')
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '');

function found<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): Value {
  const value = map.get(key);
  if (value === undefined) throw new RangeError(`the sample data lacks ${String(key)}`);
  return value;
}
