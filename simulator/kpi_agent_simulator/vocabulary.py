"""The words of two service desks: families that come back, and parts from which one-off titles are drawn."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    """One underlying cause: its tickets share category, host, service and the words of *title*."""

    key: str
    category: str
    host: str
    service: str
    title: str
    priority: str
    weight: int  # how often it comes back, against the other families
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the people of one desk write; to a family's title one of *tails* is added, of one word at most."""

    families: tuple[Family, ...]
    tails: tuple[str, ...]
    categories: tuple[str, ...]
    symptoms: tuple[str, ...]
    objects: tuple[str, ...]
    contexts: tuple[str, ...]
    requests: tuple[str, ...] = ()


FRENCH = Vocabulary(
    families=(
        Family("a01", "Système > Disque", "log01", "", "Partition journaux saturée, rotation bloquée", "P3", 10),
        Family("a02", "Système > Mémoire", "app01", "", "Mémoire épuisée, processus java redémarré", "P2", 7),
        Family("a03", "Base de données", "db01", "", "Réplication retardée, serveur secondaire désynchronisé", "P2", 5),
        Family("a04", "Messagerie", "mail01", "", "Courriels sortants retenus, relais engorgé", "P3", 4),
        Family("a05", "Application > Portail", "web01", "", "Portail client inaccessible, page blanche", "P1", 4),
        Family("a06", "Application > API", "app03", "", "Interface commandes muette, passerelle expirée", "P2", 4),
        Family("a07", "Sauvegarde", "backup01", "", "Copie nocturne incomplète, fenêtre dépassée", "P3", 3),
        Family("a08", "Réseau > Liaison", "proxy01", "", "Liaison internet instable, coupures répétées", "P2", 3),
        Family(
            "a09", "Comptes > Accès", "bastion01", "", "Compte administrateur verrouillé, tentatives échouées", "P4", 3
        ),
        Family(
            "a10", "Stockage > Partage", "app05", "", "Partage documentaire démonté, redémarrage nécessaire", "P3", 2
        ),
        Family("a11", "Base de données", "db03", "", "Verrous transactions longues, facturation ralentie", "P3", 2),
        Family("a12", "Système > Disque", "db02", "", "Volume archives rempli, écritures refusées", "P3", 2),
    ),
    tails=("", "", " (92 %)", " depuis 08:15", " - urgent", " ce matin", " (3 appels)", " : signalé", " encore"),
    categories=(
        "Système > Disque",
        "Système > Mémoire",
        "Base de données",
        "Messagerie",
        "Application > Portail",
        "Application > API",
        "Sauvegarde",
        "Réseau > Liaison",
        "Comptes > Accès",
        "Stockage > Partage",
        "Sécurité > Certificats",
        "Supervision",
    ),
    symptoms=(
        "Lenteur anormale",
        'Message "timeout"',
        "Arrêt inattendu",
        "Refus de connexion",
        "Droits manquants",
        "Affichage tronqué",
        "Erreur de lecture",
        "Doublons constatés",
        "Boucle sans fin",
        "Horloge décalée",
        "Certificat rejeté",
        "Quota atteint",
        "Traitement figé",
        "Jeton expiré",
        "Fichier corrompu",
        "Port fermé",
        "Licence invalide",
        "Tampon débordé",
        "Réponse incohérente",
        "Installation interrompue",
        "Alarme intempestive",
        "Charge excessive",
        "Index absent",
        "Redirection cassée",
    ),
    objects=(
        "export comptable",
        "tableau croisé mensuel",
        "catalogue produits",
        "annuaire interne",
        "paie trimestrielle",
        "gestion des congés",
        "suivi colis",
        "moteur de recherche",
        "formulaire devis",
        "agenda partagé",
        "console hyperviseur",
        "tâche planifiée",
        "dépôt logiciel",
        "signature électronique",
        "impression étiquettes",
        "inventaire magasin",
        "collecteur métriques",
        "bannière publicitaire",
        "espace fournisseurs",
        "synchronisation mobile",
        "relevé bancaire",
        "forum salariés",
        "lecteur badges",
        "module statistiques",
    ),
    contexts=(
        "agence Lyon",
        "dépôt Nantes; quai nord",
        "siège Lille",
        "boutique Bordeaux",
        "équipe achats",
        "direction juridique",
        "atelier Rennes",
        "plateforme recette",
        "prestataire transport",
        "filiale belge",
        "bureau Marseille",
        "pôle qualité",
        "télétravail Toulouse",
        "entrepôt Dijon",
        "usine Metz",
        "laboratoire Grenoble",
        "centre Orléans",
        "comptoir Nice",
        "succursale Rouen",
        "antenne Strasbourg",
    ),
    requests=(
        "Création utilisateur nouvel arrivant",
        "Ouverture flux partenaire logistique",
        "Augmentation espace projet archivage",
        "Ajout adresse liste diffusion",
        "Restitution fichier supprimé dossier ventes",
        "Installation outil analyse serveur recette",
    ),
)

ENGLISH = Vocabulary(
    families=(
        Family("g01", "Software", "shop-web-01", "shop", "Checkout basket empty after payment redirect", "P1", 5),
        Family("g02", "Software", "track-01", "tracking", "Parcel lookup returning stale positions", "P2", 6),
        Family(
            "g03", "Database", "shop-db-01", "shop", "Replication lagging behind primary orders", "P2", 5, "PRB0040012"
        ),
        Family("g04", "Storage", "vault-01", "internal tools", "Nightly archive volume running full", "P3", 4),
        Family("g05", "Network", "edge-01", "shop", "Edge balancer dropping client sessions", "P2", 4, "PRB0040031"),
        Family("g06", "Database", "shop-db-02", "shop", "Stock table locks blocking imports", "P3", 3),
        Family("g07", "Security", "edge-02", "tracking", "Firewall rejecting courier partner gateway", "P3", 3),
        Family("g08", "Monitoring", "ops-01", "internal tools", "Collector queue overflow losing metrics", "P4", 3),
        Family("g09", "Software", "track-03", "tracking", "Label printing worker memory exhausted", "P3", 2),
        Family("g10", "Messaging", "ops-01", "internal tools", "Order confirmation mails stuck outgoing", "P3", 2),
        Family("g11", "Hardware", "shop-web-04", "shop", "Fan failure warning chassis temperature", "P4", 2),
        Family(
            "g12", "Access", "ops-01", "internal tools", "Warehouse operators locked out single-sign portal", "P3", 2
        ),
    ),
    tails=("", "", " (92 %)", " since 08:15", " - urgent", " again", " (3 calls)", " reported"),
    categories=(
        "Software",
        "Database",
        "Storage",
        "Network",
        "Security",
        "Monitoring",
        "Messaging",
        "Hardware",
        "Access",
        "Backup",
    ),
    symptoms=(
        "Unusual slowness",
        'Message "connection reset"',
        "Unexpected shutdown",
        "Permission denied",
        "Truncated output",
        "Read failure",
        "Duplicate entries",
        "Endless loop",
        "Drifting clock",
        "Rejected certificate",
        "Quota reached",
        "Frozen job",
        "Expired token",
        "Corrupt upload",
        "Closed port",
        "Invalid licence",
        "Buffer overrun",
        "Inconsistent answer",
        "Aborted installation",
        "Spurious alarm",
        "Excessive load",
        "Missing index",
        "Broken link",
        "Wrong encoding",
    ),
    objects=(
        "ledger export",
        "monthly pivot report",
        "product catalogue",
        "staff directory",
        "quarterly payroll",
        "holiday planner",
        "courier manifest",
        "search engine",
        "quotation form",
        "shared calendar",
        "hypervisor console",
        "cron schedule",
        "package mirror",
        "electronic signature",
        "shelf inventory",
        "advert banner",
        "supplier area",
        "mobile synchronisation",
        "bank statement",
        "discussion board",
        "badge reader",
        "statistics module",
        "voucher engine",
        "returns wizard",
    ),
    contexts=(
        "Leeds branch",
        "Bristol depot, north dock",
        "London headquarters",
        "Cardiff boutique",
        "purchasing team",
        "legal department",
        "Derby workshop",
        "acceptance platform",
        "haulage contractor",
        "Belgian subsidiary",
        "Glasgow bureau",
        "quality circle",
        "remote workers",
        "Norwich warehouse",
        "Hull factory",
        "Oxford laboratory",
        "York centre",
        "Brighton counter",
        "Exeter outlet",
        "Dundee annex",
    ),
)
