// Northwind as it lies in `northwind/northwind.json`: only the fields that the mapping reads.

export interface NorthwindCustomer {
  readonly CustomerID: string;
  readonly CompanyName: string;
  readonly ContactName: string;
  readonly ContactTitle: string;
  readonly Address: string | null;
  readonly City: string | null;
  readonly Region: string | null;
  readonly PostalCode: string | null;
  readonly Country: string | null;
  readonly Phone: string | null;
  readonly Fax: string | null;
}

export interface NorthwindProduct {
  readonly ProductID: number;
  readonly ProductName: string;
  readonly CategoryID: number;
  readonly QuantityPerUnit: string;
  readonly UnitPrice: number;
  readonly UnitsInStock: number;
  readonly Discontinued: string;
}

export interface NorthwindLine {
  readonly ProductID: number;
  readonly UnitPrice: number;
  readonly Quantity: number;
  /** A share of the price: 0.15. */
  readonly Discount: number;
}

export interface NorthwindOrder {
  readonly OrderID: number;
  readonly CustomerID: string;
  /** `1996-07-04 00:00:00.000`. */
  readonly OrderDate: string;
  readonly RequiredDate: string;
  readonly ShippedDate: string | null;
  readonly ShipVia: number;
  readonly Freight: number;
  readonly ShipName: string;
  readonly ShipAddress: string;
  readonly ShipCity: string;
  readonly ShipRegion: string | null;
  readonly ShipPostalCode: string | null;
  readonly ShipCountry: string;
  readonly lines: readonly NorthwindLine[];
}

export interface Northwind {
  readonly customers: readonly NorthwindCustomer[];
  readonly products: readonly NorthwindProduct[];
  readonly categories: readonly { readonly CategoryID: number; readonly CategoryName: string }[];
  readonly shippers: readonly { readonly ShipperID: number; readonly CompanyName: string }[];
  readonly orders: readonly NorthwindOrder[];
}
