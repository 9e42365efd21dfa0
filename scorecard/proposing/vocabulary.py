"""The vocabulary: by which words people name tables and columns, in several languages.

Each column has phrases, parted by commas. A phrase is a row of stems, all of which must be in a
name; stems that may stand for each other are joined by `/`. A phrase with `?` in front is a weak
one, for it fits other things, too; so is one with `=`, of which each word of the name has to be.
Names and stems are compared without accents and in small letters.
"""

from __future__ import annotations

from dataclasses import dataclass

WHO = (
    "customer/cust/client/account/acct/kunde/kunden/kund/kd/debitor/klant/klanten/cliente/clientes"
    "/compte/buyer/member/mitglied/adherent/patient/tenant/mieter/organization/organisation/org"
)
"""Words for the customer."""
ID = "id/no/nr/n/num/nummer/number/numero/code/key/ref/kennung"
WHEN = "date/day/datum/on/at/time/timestamp/datetime/zeit/zeitpunkt/tag/fecha/jour"
OTHERS = (
    "order/invoice/ticket/case/subscription/contract/product/item/article/artikel/stock/sku/usage"
    "/transaction/txn/rechnung/bestell/auftrag/beleg/vorgang/vertrag/abo/facture/commande/line"
    "/response/survey/answer/invite/event/payment/zahlung/conversation/interaction/call/employee"
    "/agent/mitarbeiter/zip/postal/plz/phone/telefon"
)
"""Words of what a number can be of, and then is not a customer's."""
GROSS = "gross/brutto/ttc/incl/inkl/bruto"
NET = "net/netto/ht/excl/exkl/zzgl/neto"
TAX = "tax/vat/ust/mwst/steuer/tva/iva/btw"
PER_PIECE = (
    "unit price/cost/preis, einzelpreis, einzel preis, stuckpreis, price per/each, prix unitaire"
)
SATISFACTION = "satisfaction/zufriedenheit/csat"


@dataclass(frozen=True)
class Words:
    """How a table is named: `files` are stems in the name of its file, `columns` phrases."""

    files: str
    columns: dict[str, str]


_AMOUNT = "amount/betrag/montant/importe/bedrag/summe"
_CURRENCY = "currency, wahrung, devise, moneda"
_REASON = "reason/grund/motif/motivo/ursache"
_TIER = "tier/stufe/klasse/class/rang/servicelevel"
_PLAN = "plan/package/paket/tarif/edition"
_PRODUCT = "product/produkt/item/article/artikel/sku/stock/offer/angebot/produit/producto"

VOCABULARY: dict[str, Words] = {
    "customers": Words(
        f"{WHO}/company/companies/firmen/crm/contacts/stammdaten",
        {
            "customer_id": f"{WHO} {ID}, ?{WHO}, =id, =nr",
            "parent_id": f"parent {ID}, parent, konzern, mutter",
            "name": f"{WHO} name, company/firma/firmen name, company, firma, nom, ?name",
            "segment": "segment, industry, branche, sector, vertical, ?kunden gruppe",
            "niche": "niche, nische",
            "acquired_on": (
                f"signup/signed/acquired/joined/registered/registration/onboarded/eintritt {WHEN}, "
                f"inscription, signup, sign up, acquired, joined, {WHO} since/seit/depuis, "
                "first/erst order/purchase/sale/contract/kauf/auftrag/bestellung, "
                f"?since, ?seit, ?created, ?angelegt, ?start {WHEN}"
            ),
            "acquired_how": "acquired how, acquisition type",
            "channel": "channel, referral, kanal, herkunft, canal, ?source, ?quelle",
            "tier": f"{_TIER}, {_PLAN}, ?level, ?segment, ?category, ?kategorie, ?categorie, ?abc",
            "status": "status, state, churn/churned, active, aktiv, ?inactive, ?inaktiv",
            "closed_on": (
                f"closed/close/churn/churned/cancelled/canceled/lost/left/terminated {WHEN}, "
                "kundigung datum/zum, gekundigt/verloren/austritt, ?end/ende, ?until, ?bis"
            ),
            "closed_reason": f"churn/close/closed/cancel/lost/kundigung/austritt {_REASON}",
            "currency": _CURRENCY,
        },
    ),
    "tier_history": Words(
        "tierhistory/upgrades/stufen/planchange",
        {
            "customer_id": f"{WHO} {ID}, ?{WHO}",
            "tier": f"new {_TIER}, new {_PLAN}, {_TIER}, {_PLAN}",
            "from": f"valid/effective/changed/gueltig/gultig from/ab/{WHEN}, from, ab, ={WHEN}",
        },
    ),
    "transactions": Words(
        "transaction/invoice/sale/order/purchase/revenue/retail/rechnung/verkauf/umsatz/umsatze"
        "/bestellung/auftrag/beleg/facture/vente/commande/factura/venta/receipt/billing",
        {
            "txn_id": (
                "transaction/txn/invoice/line/order/receipt/rechnung/beleg/bestell/auftrag/facture"
                f"/position/sale {ID}, =id, =nr"
            ),
            "customer_id": f"{WHO} {ID}, ?{WHO}",
            "event_on": (
                "invoice/order/booking/purchase/transaction/txn/sale/rechnung/beleg/buchung/kauf"
                f"/bestell/auftrag/facture/commande/posting {WHEN}, "
                f"purchased, ordered, sold, invoiced, booked, gebucht, ={WHEN}"
            ),
            "kind": "kind, document/doc/transaction type, belegart, ?type, ?art",
            "offer_id": f"{_PRODUCT} {ID}, ?{_PRODUCT}, ?{_PLAN}",
            "net_amount": (
                f"{NET} {_AMOUNT}/total/price/value/preis/wert/umsatz/revenue/sales, {NET}, "
                f"line total, {_AMOUNT}, revenue, umsatz, dollars, euro, euros, eur, usd, gbp, "
                "chiffre, total, ?sales, ?value, ?wert, ?price, ?preis"
            ),
            "list_amount": f"list {_AMOUNT}/price/preis, listenpreis, before discount",
            "currency": _CURRENCY,
            "qty": "quantity, qty, menge, pieces, stuck, stuckzahl, anzahl, quantite, cantidad",
            "original_txn_id": f"original {ID}",
        },
    ),
    "contracts": Words(
        "contract/subscription/agreement/vertrag/vertrage/abo/abos/contrat/membership/policies",
        {
            "contract_id": (
                f"contract/subscription/agreement/vertrag/abo/contrat/policy {ID}, =id, =nr"
            ),
            "customer_id": f"{WHO} {ID}, ?{WHO}",
            "offer_id": f"{_PRODUCT} {ID}, {_PLAN}, {_PRODUCT}",
            "start_on": (
                f"start/begin/beginn/effective/debut {WHEN}, vertragsbeginn, start, begin, beginn, "
                f"started, valid/gultig from/ab, debut, ?from, ?ab, ?created, ={WHEN}"
            ),
            "end_on": (
                f"end/expiry/expires/expiration/termination/fin {WHEN}, vertragsende, ende, end, "
                "expires, expired, valid/gultig to/until/bis, ?until, ?bis, ?fin"
            ),
            "recurring_amount": (
                "mrr, arr, monthly/annual/yearly/quarterly/recurring/monats/jahres/monatlich"
                f"/jahrlich {_AMOUNT}/fee/price/beitrag/gebuhr/preis/revenue, recurring, "
                f"?{_AMOUNT}, ?fee, ?beitrag, ?price, ?preis, ?value"
            ),
            "billing_period": (
                "billing/payment/abrechnung/abrechnungs/zahlung/zahlungs "
                "period/frequency/cycle/interval/turnus/rhythmus/zeitraum, billing, "
                "?period, ?frequency, ?interval, ?turnus"
            ),
            "currency": _CURRENCY,
            "cancelled_on": f"cancel/cancelled/canceled/notice/kundigung {WHEN}, gekundigt",
            "reason": f"{_REASON}",
        },
    ),
    "costs": Words(
        "cost/expense/spend/spending/kosten/ausgaben/aufwand/depense/gasto/coste",
        {
            "cost_id": f"cost/expense/beleg/booking/buchung/entry {ID}, =id, =nr",
            "event_on": f"booking/buchung/expense/cost/beleg {WHEN}, booked, gebucht, ={WHEN}",
            "amount": (
                f"cost/expense/spend/kosten/aufwand {_AMOUNT}, {_AMOUNT}, cost, costs, kosten, "
                "expense, spend, aufwand, ?total, ?value, ?eur, ?usd, ?gbp"
            ),
            "category": "cost/expense type/category, kostenart, category, kategorie, ?type, ?art",
            "pool": "pool, cost center/centre, kostenstelle, department, abteilung",
            "customer_id": f"{WHO} {ID}, ?{WHO}",
            "driver": "driver, treiber",
            "currency": _CURRENCY,
        },
    ),
    "drivers": Words(
        "driver/usage/nutzung/verbrauch",
        {
            "driver_id": f"usage/driver {ID}, =id",
            "driver": "driver, treiber",
            "customer_id": f"{WHO} {ID}, ?{WHO}",
            "date": f"usage/nutzung {WHEN}, ={WHEN}",
            "qty": "usage count/qty/quantity/amount, quantity, qty, menge, verbrauch",
        },
    ),
    "interactions": Words(
        "ticket/case/interaction/conversation/call/contact/support/helpdesk/inquiry/anfrage/vorgang"
        "/vorgange/service/kontakt/kontakte/demande/incidencia",
        {
            "interaction_id": (
                "ticket/case/interaction/conversation/call/contact/vorgang/vorgangs/fall/anfrage "
                f"{ID}, =id, =nr"
            ),
            "customer_id": f"{WHO} {ID}, ?{WHO}",
            "issue_key": f"issue/problem/thread {ID}, issue",
            "channel": "channel, kanal, medium, canal, origin, ?via, ?source",
            "opened_at": (
                f"opened/submitted/created/received/reported/started/open/create {WHEN}, opened, "
                "submitted, created, received, reported, eroffnet, erstellt, eingang, cree, "
                f"ouvert, angelegt, gemeldet, ?call {WHEN}, ={WHEN}"
            ),
            "first_human_reply_at": (
                f"first reply/response/answer/human, erste antwort, replied/responded {WHEN}"
            ),
            "resolved_at": (
                f"resolved/closed/solved/completed/close {WHEN}, resolved, closed, solved, gelost, "
                "resolu, ferme, geschlossen, erledigt, abgeschlossen"
            ),
            "reason_code": f"{_REASON} code, {_REASON}, topic, thema, anliegen, subject, ?category",
            "demand_type": "demand type",
            "minutes": "handling/handle/talk/bearbeitung minutes/minuten, minutes, minuten",
            "self_service": "self service, selfservice",
            "team": "team, queue, abteilung, department, ?group, ?gruppe",
        },
    ),
    "surveys": Words(
        "survey/response/answer/feedback/nps/csat/ces/satisfaction/umfrage/befragung/zufriedenheit"
        "/bewertung/bewertungen/enquete/encuesta/rating/review",
        {
            "invite_id": (
                "invite/invitation/survey/response/answer/feedback/umfrage/antwort/rating/ticket "
                f"{ID}, =id, =nr"
            ),
            "customer_id": f"{WHO} {ID}, ?{WHO}",
            "contact_id": f"contact/respondent/person/ansprech {ID}, respondent, email, mail",
            "instrument": "instrument, survey/question type, ?survey, ?question, ?type",
            "kind": "kind, occasion, anlass",
            "sent_at": (
                f"sent/invited/invitation/survey/versand/send {WHEN}, sent, invited, versendet, "
                f"verschickt, gesendet, ?closed, ?resolved, ={WHEN}"
            ),
            "answered_at": (
                "answered/responded/response/completed/answer/antwort/beantwortet/submitted "
                f"{WHEN}, answered, responded, beantwortet"
            ),
            "score": (
                f"nps, csat, ces, {SATISFACTION} score, score, {SATISFACTION}, rating, punkte, "
                "recommend, empfehlung, weiterempfehlung, bewertung, ?answer, ?antwort, ?note, "
                "?wert, ?value"
            ),
        },
    ),
    "promises": Words(
        "promise/delivery/deliveries/appointment/visit/lieferung/lieferungen/termin/termine/sla",
        {
            "promise_id": f"promise/delivery/appointment/visit/lieferung/termin {ID}, =id, =nr",
            "customer_id": f"{WHO} {ID}, ?{WHO}",
            "due_at": f"due/promised/expected/scheduled/zugesagt {WHEN}, due, promised, fallig",
            "kept": "kept, on time, ontime, delivered in time, eingehalten, punktlich",
            "attribute": "attribute, promise, zusage",
        },
    ),
    "requests": Words(
        "request/antrag/antrage/claim",
        {
            "request_id": f"request/claim/antrag {ID}, =id",
            "customer_id": f"{WHO} {ID}, ?{WHO}",
            "asked_at": f"asked/requested/received/submitted {WHEN}, asked, requested, ={WHEN}",
            "decision": "decision, entscheidung, approved, granted",
            "reason_code": f"{_REASON}",
            "cost": "cost, kosten",
        },
    ),
    "offers": Words(
        "offer/product/catalog/catalogue/produkt/produkte/artikelstamm/plan/plans",
        {
            "offer_id": f"{_PRODUCT} {ID}, {_PLAN} {ID}, =id, =nr",
            "name": f"{_PRODUCT} name, {_PLAN} name, ?name, ?description, ?bezeichnung",
            "active": "active, aktiv",
        },
    ),
    "assets": Words(
        "asset/device/machine/gerat/gerate/anlage/anlagen/installation",
        {
            "asset_id": f"asset/device/machine/serial/serien/gerate {ID}, serial",
            "customer_id": f"{WHO} {ID}, ?{WHO}",
            "active_from": f"commissioned/active/installation {WHEN}, installed, active from",
            "active_to": f"removed/retired/decommissioned {WHEN}, removed, active to",
        },
    ),
    "fx": Words(
        "fx/exchange/rates/kurse/wechselkurse",
        {"date": f"={WHEN}", "from": "from, base", "to": "to, quote", "rate": "rate, kurs"},
    ),
}
"""Tables that are recognised by their words; others are by the contract's own names alone."""

CREATED = "created, create, erstellt, angelegt, cree"
"""Words for the day on which a row was made, which systems write into any table."""
NEVER: dict[str, str] = {
    "net_amount": f"refund,erstattung,{GROSS},{TAX},discount,rabatt,cost,kosten,list,{PER_PIECE}",
    "recurring_amount": f"{GROSS},{TAX},discount,rabatt,cost,setup,seats",
    "amount": f"{TAX},discount",
    "qty": "price,amount,secs,seconds,duration",
    "score": "url,id,comment,credit,risk,health,lead,text,time",
    "resolved_at": "hours,minutes,flag,by,duration",
    "first_human_reply_at": "flag,by",
    "minutes": "first,response,wait,resolution,reply",
    "event_on": "due,ship,shipped,delivery,paid,fallig,liefer",
    "opened_at": "closed,resolved,due,updated,churn,signup,reply,response",
    "acquired_on": "closed,churn,end,last,updated,birth,trial",
    "start_on": "period,end,cancel,updated,birth,trial",
    "name": "first,last,user,plan,product,vorname,nachname",
    "status": "date,payment,order",
    "tier": "date,price,amount",
    "channel": "date",
    "offer_id": "price,amount,date,name,total",
    "closed_reason": "date",
    "answered_at": "minutes,hours",
    "sent_at": "answer,answered,response,responded,completed",
}
"""Phrases by column, any of which in a name means that it is another thing."""
