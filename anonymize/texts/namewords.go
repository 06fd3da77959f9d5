package texts

// Words that say what a part of a name is. The lists are short on purpose: a
// word that is missing makes a bare surname stay or go, never a full name.
var (
	civility = set("m mr mme mlle mrs ms monsieur madame mademoiselle messieurs mesdames dr docteur pr professeur me maitre")

	particle = set("d de du des la le les l van von der den el al ben bin da di do dos saint sainte st ste et a au aux en")

	business = set("formation formations formateur formatrice conseil conseils consulting coaching coach consultant consultante organisme centre " +
		"institut ecole academie academy cabinet entreprise entrepreneur auto micro individuel individuelle ei eirl eurl sarl sas sasu sa snc sci " +
		"scop scic association asso training learning services service groupe agence studio atelier ateliers cours solutions developpement " +
		"france nom commercial enseigne")

	common = set("petit grand gros blanc noir roux brun bon beau doux leger fort vert rose marchand boulanger boucher berger meunier charpentier " +
		"fleur fleurs bois mont val pierre marin page roy roi comte duc prince chevalier jour hiver mai avril lundi noel moulin jardin " +
		"fontaine riviere rivière pont maison chateau dupuy forest foret champ champs pre vigne olive olivier pommier poirier prunier mercier " +
		"tissier potier fournier maçon macon masson couturier barbier cuisinier tailleur sellier peintre maitre clerc bailly sergent major " +
		"general colonel bourgeois franc francois francais breton normand picard lombard parisien allemand langlois lenoir leblanc lebrun legrand " +
		"lepetit jeune vieux ancien nouveau neuf sage fin vif prudent courtois gentil joly joli jolie bel belle bonnet chapeau manteau gilet robe " +
		"bien etre vie art arts langue langues anglais espagnol allemand italien yoga sport sante securite beaute massage cuisine musique chant " +
		"danse photo dessin couture web digital numerique informatique gestion compta comptabilite expert experts pro plus nature terre soleil " +
		"lumiere equilibre harmonie energie corps esprit voix voie chemin route auto moto permis conduite bateau")

	givenName = set("adam adele adeline adrien agathe agnes aicha alain albert alexandra alexandre alexia alexis alice aline alix amandine amelie " +
		"amina amine anais andre andrea ange angelique anita anna anne annick annie anthony antoine antonin ariane arnaud arthur astrid audrey " +
		"aurelia aurelie aurelien aurore axel axelle baptiste barbara bastien beatrice benedicte benjamin benoit bernadette bernard bertrand " +
		"blandine boris brigitte bruno camille carine carla carole caroline catherine cecile cedric celia celine chantal charlene charles charlotte " +
		"chloe christelle christian christiane christine christophe claire clara claude claudine clemence clement colette coralie corinne cyril " +
		"damien daniel daniele danielle david deborah delphine denis denise diane didier dimitri dominique dylan edith edouard elena eliane elisa " +
		"elisabeth elise ella elodie eloise elsa emeline emile emilie emma emmanuel emmanuelle enzo eric erwan estelle esther etienne eugenie eva " +
		"evelyne fabien fabienne fabrice fanny farid fatima fatou felix fernand flora florence florent florian france franck francoise frederic " +
		"frederique gabriel gabrielle gael gaelle gaetan genevieve geoffrey georges gerald geraldine gerard germain ghislaine gilbert gilles " +
		"ginette gisele gregory guillaume guy gwenaelle hamid hassan helene henri herve hugo hugues ibrahim ines irene isabelle jacqueline jacques " +
		"jamel jasmine jean jeanne jeannine jennifer jeremie jeremy jerome jessica joel joelle johanna jonathan jordan joseph josette josiane " +
		"judith jules julia julie julien juliette justine karim karine katia kevin khadija laetitia lara laura laure laurence laurent laurie lea " +
		"leila leo leon lionel lisa loic lola lou louis louise luc lucas lucie lucien ludovic lydia lydie lynda madeleine maelle magali malika " +
		"manon manuel marc marcel marianne marie marina marine marion marjolaine marlene marthe martin martine mathias mathieu mathilde matthieu " +
		"maud maurice max maxime megane mehdi melanie melissa michael michel michele micheline mickael mireille mohamed monique morgane mourad " +
		"muriel myriam nadege nadia nadine natacha nathalie nathan nicolas nicole nina noemie nolwenn nora odette odile oceane olga olivia oscar " +
		"pascal pascale patrice patricia patrick paul paula pauline philippe pierrick quentin rachel rachid raphael raymond rebecca regine regis " +
		"remi remy renaud rene renee richard robert robin rodolphe roger roland romain romane rosa sabine sabrina salome samia samir samuel sandra " +
		"sandrine sara sarah sebastien serge severine simon simone sofia solange solene sonia sophie stephane stephanie steven suzanne sylvain " +
		"sylvette sylvie tatiana teddy theo therese thibault thibaut thierry thomas tiphaine tom tony valentin valentine valerie vanessa veronique " +
		"victor victoria vincent virginie viviane xavier yann yannick yasmine yoann yohan yolande youssef yves yvette yvonne zoe")
)
